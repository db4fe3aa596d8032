// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Render renders all startup files of an image. The error is an *InvalidError.
func Render(c Config) (Rendered, error) {
	c = c.withDefaults()
	if err := c.Check(); err != nil {
		return Rendered{}, err
	}
	if c.OS == Windows {
		return renderWindows(c)
	}
	return renderLinux(c)
}

// Defaults of Network. The adapter names are the names of the private adapters
// in GoGrid's images.
const (
	DefaultLinuxAdapter   = "eth1"
	DefaultWindowsAdapter = "Local Area Connection 2"
	DefaultMode           = ModeDHCP
)

func (c Config) withDefaults() Config {
	if c.Network.Adapter == "" {
		c.Network.Adapter = DefaultLinuxAdapter
		if c.OS == Windows {
			c.Network.Adapter = DefaultWindowsAdapter
		}
	}
	if c.Network.Mode == "" {
		c.Network.Mode = DefaultMode
	}
	return c
}

// Names of attributes in Problem.Path.
const (
	attrNetwork      = "private_network"
	attrStorage      = "cloud_storage"
	attrCertificates = "certificates"
	attrPasswordFile = "password_file"
)

// Check returns an *InvalidError with every problem of a configuration, or nil.
// It accepts empty values that have no default, because they may not be known
// yet. Callers of Render must check these values themselves.
func (c Config) Check() error {
	var p problems
	c = c.withDefaults()
	if c.OS != Linux && c.OS != Windows {
		p.add(fmt.Errorf("is %q: it must be %q or %q", c.OS, Linux, Windows), "os")
		return p.err()
	}
	c.checkNetwork(&p)
	c.checkStorage(&p)
	p.add(checkChannel(c.Channel), "channel")
	for i, certificate := range c.Certificates {
		p.add(checkCertificateFile(certificate.File), attrCertificates, i, "file")
		p.add(c.OS.checkPath(certificate.PasswordFile), attrCertificates, i, attrPasswordFile)
		p.add(c.OS.checkStore(certificate.Store), attrCertificates, i, "store")
	}
	p.add(c.OS.checkExtra(c.Extra), "extra")
	return p.err()
}

// checkEncodable checks that a script of the operating system can represent a
// value.
func (o OS) checkEncodable(value string) error {
	if o == Windows {
		_, err := cmdSet("X", value)
		return err
	}
	_, err := shWord(value)
	return err
}

func (c Config) checkNetwork(p *problems) {
	n := c.Network
	p.add(c.OS.checkAdapter(n.Adapter), attrNetwork, "adapter")
	switch n.Mode {
	case ModeDHCP, ModeHostMap, ModeNone:
	default:
		p.add(fmt.Errorf("is %q: it must be %q, %q or %q", n.Mode, ModeDHCP, ModeHostMap, ModeNone), attrNetwork, "mode")
	}
	if n.Mode == ModeNone && len(n.Routes) > 0 {
		p.add(errors.New("are not set in mode \"none\", which does not configure the private network: remove them, or choose another mode"), attrNetwork, "routes")
	}
	if n.Mode != ModeHostMap && n.Provisional.IsValid() {
		p.add(fmt.Errorf("is only used in mode %q: remove it, or choose that mode", ModeHostMap), attrNetwork, "provisional_address")
	}
	if n.HostMap != "" {
		_, err := ParseHostMap(n.HostMap)
		p.add(err, attrNetwork, "host_map")
	}
	for i, route := range n.Routes {
		p.add(checkDestination(route.Destination), attrNetwork, "routes", i, "destination")
	}
}

func checkDestination(destination netip.Prefix) error {
	switch {
	case !destination.IsValid():
		return nil
	case destination.Bits() == 0:
		return errors.New("is the default route, which belongs to the public adapter: use the network that contains Cloud Storage")
	case destination != destination.Masked():
		return fmt.Errorf("is %s, which has bits set after the prefix: the network is %s", destination, destination.Masked())
	}
	return nil
}

func (o OS) checkAdapter(adapter string) error {
	if err := o.checkEncodable(adapter); err != nil {
		return err
	}
	if o == Linux {
		if len(adapter) > 15 {
			return fmt.Errorf("has %d characters: the name of a Linux adapter must have at most 15", len(adapter))
		}
		return rejectRunes("the name of an adapter", adapter, func(r rune) bool { return strings.ContainsRune("/: \\", r) })
	}
	if err := rejectRunes("ipconfig", adapter, func(r rune) bool { return strings.ContainsRune("*?", r) }); err != nil {
		return err
	}
	if strings.HasSuffix(adapter, `\`) {
		return errors.New("ends in a backslash, which would escape the quote after it")
	}
	return nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func (c Config) checkStorage(p *problems) {
	s := c.Storage
	if s.Host != "" && (len(s.Host) > 253 || !hostName.MatchString(s.Host)) {
		p.add(fmt.Errorf("is %q: it must be a name such as 22290.cloud.storage.gogrid.com, or an address", s.Host), attrStorage, "host")
	}
	p.add(c.OS.checkShare(s.Share), attrStorage, "share")
	p.add(c.OS.checkEncodable(s.Username), attrStorage, "username")
	if strings.TrimSpace(s.Username) != s.Username {
		p.add(errors.New("begins or ends with white space, which is lost in a credentials file"), attrStorage, "username")
	}
	p.add(c.OS.checkPath(s.PasswordFile), attrStorage, attrPasswordFile)
	switch {
	case s.DriveLetter != "" && c.OS != Windows:
		p.add(errors.New("is for Windows: on Linux use mount_point"), attrStorage, "drive_letter")
	case s.DriveLetter != "" && !driveLetter.MatchString(s.DriveLetter):
		p.add(fmt.Errorf("is %q: it must be one letter from D to Z and a colon, such as \"Z:\"", s.DriveLetter), attrStorage, "drive_letter")
	}
	switch {
	case s.MountPoint != "" && c.OS != Linux:
		p.add(errors.New("is for Linux: on Windows use drive_letter"), attrStorage, "mount_point")
	case s.MountPoint != "" && !mountPoint.MatchString(s.MountPoint):
		p.add(fmt.Errorf("is %q: it must be an absolute path of letters, digits, dots, dashes and underscores, such as /mnt/cloud", s.MountPoint), attrStorage, "mount_point")
	}
}

var (
	driveLetter = regexp.MustCompile(`^[D-Zd-z]:$`)
	mountPoint  = regexp.MustCompile(`^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$`)
	channelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	storagePath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)
	windowsPath = regexp.MustCompile(`^[A-Za-z]:(\\[^\\/:*?"<>|]+)+$`)
)

func (o OS) checkShare(share string) error {
	if err := o.checkEncodable(share); err != nil {
		return err
	}
	if len(share) > 80 {
		return fmt.Errorf("has %d characters: the name of a share must have at most 80", len(share))
	}
	return rejectRunes("the name of a share", share, func(r rune) bool { return strings.ContainsRune(`"/\[]:|<>+=;,*?`, r) })
}

func checkChannel(channel string) error {
	if channel == "" || channelName.MatchString(channel) {
		return nil
	}
	return fmt.Errorf("is %q: it must be 1 to 64 letters, digits, dots, dashes and underscores, and begin with a letter or digit", channel)
}

func checkCertificateFile(file string) error {
	if file == "" {
		return nil
	}
	if !storagePath.MatchString(file) {
		return fmt.Errorf("is %q: it must be a path on Cloud Storage of letters, digits, dots, dashes, underscores and slashes, such as certs/site.pfx", file)
	}
	if lower := strings.ToLower(file); !strings.HasSuffix(lower, ".pfx") && !strings.HasSuffix(lower, ".p12") {
		return fmt.Errorf("is %q: it must be a PKCS #12 file, with a name that ends in .pfx or .p12", file)
	}
	return nil
}

// checkPath checks that path is the absolute path of a file on a server, or empty.
func (o OS) checkPath(path string) error {
	if path == "" {
		return nil
	}
	if err := o.checkEncodable(path); err != nil {
		return err
	}
	if o == Windows && !windowsPath.MatchString(path) {
		return fmt.Errorf(`is %q: it must be an absolute path on Windows, such as C:\gogrid\storage.password`, path)
	}
	if o == Linux && (!strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/")) {
		return fmt.Errorf("is %q: it must be an absolute path of a file, such as /etc/gogrid/storage.password", path)
	}
	return nil
}

func (o OS) checkStore(store string) error {
	if err := o.checkEncodable(store); err != nil {
		return err
	}
	if o == Linux && store != "" && !mountPoint.MatchString(store) {
		return fmt.Errorf("is %q: on Linux it must be the folder for the key and the certificate, such as /etc/pki/site", store)
	}
	if o == Windows && strings.ContainsAny(store, `\/,|`) {
		return fmt.Errorf("is %q: on Windows it must be a store of the machine, such as My or WebHosting", store)
	}
	return nil
}

// checkExtra checks that a script consists only of characters that the operating
// system's scripts may contain.
func (o OS) checkExtra(extra string) error {
	return rejectRunes("a script", extra, func(r rune) bool {
		return isControl(r) && !strings.ContainsRune("\t\r\n", r) || o == Windows && r > '~'
	})
}

// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
)

// OS is the operating system of the servers.
type OS string

// The operating systems.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Mode selects how the private adapter gets its address.
type Mode string

// The modes.
const (
	// ModeDHCP requests a DHCP lease. GoGrid has no DHCP service of its own: see
	// RenderDHCP.
	ModeDHCP Mode = "dhcp"
	// ModeHostMap looks up the address in a HostMap.
	ModeHostMap Mode = "host_map"
	// ModeNone leaves the adapter, its address and its routes alone.
	ModeNone Mode = "none"
)

// Config is the input of Render.
type Config struct {
	OS      OS
	Network Network
	Storage Storage
	// Channel is the channel whose pointer file the servers read; see ChannelFile.
	Channel string
	// Certificates are installed from Cloud Storage at every boot.
	Certificates []Certificate
	// Extra is a user-defined script that runs at the end of every boot.
	Extra string
}

// Network configures a server's private network.
type Network struct {
	// Adapter is the name of the private adapter. Empty means the name that the
	// adapter has in GoGrid's images.
	Adapter string
	Mode    Mode
	Routes  []Route
	// HostMap is the encoded HostMap for the image. Empty means none.
	HostMap string
	// Provisional is a temporary address with its prefix length. A server that
	// is missing from the image's host map uses this address to read the host
	// map on Cloud Storage.
	Provisional netip.Prefix
}

// Route is a route to a network behind a gateway of the private network.
type Route struct {
	Destination netip.Prefix
	Gateway     netip.Addr
}

// Storage is the account's Cloud Storage.
type Storage struct {
	Host     string
	Share    string
	Username string
	// PasswordFile is a file on the server whose first line is the password.
	PasswordFile string
	// DriveLetter is the drive of the share for users who log on to a Windows
	// server.
	DriveLetter string
	// MountPoint is the folder where a Linux server mounts the share. Empty means
	// no mount.
	MountPoint string
}

// Certificate is a PKCS #12 file on Cloud Storage.
type Certificate struct {
	// File is the path on Cloud Storage.
	File string
	// PasswordFile is a file on the server whose first line is the password. Empty
	// means no password.
	PasswordFile string
	// Store is the machine's certificate store on Windows, and the folder for
	// the key and the certificate on Linux.
	Store string
}

// File is a file to put into an image.
type File struct {
	Path    string
	Content string
	// Mode holds the permissions as octal digits.
	Mode string
}

// Rendered is the result of Render.
type Rendered struct {
	Script, ScriptPath       string
	Installer, InstallerPath string
	// Unit is the systemd unit that runs the script at every boot of a Linux
	// server. Empty on Windows.
	Unit string
	// BootCommand makes the script run at every boot. It must be run once on
	// the sandbox.
	BootCommand string
	// Files holds all files to upload to the sandbox.
	Files []File
}

// Digest returns a SHA-256 digest, in hex, of the files and the boot command.
func (r Rendered) Digest() string {
	sum := sha256.New()
	write := func(text string) { fmt.Fprintf(sum, "%d:%s", len(text), text) }
	write(r.BootCommand)
	for _, file := range r.Files {
		write(file.Path)
		write(file.Mode)
		write(file.Content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

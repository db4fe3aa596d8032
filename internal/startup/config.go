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

// Mode is how the private adapter gets its address.
type Mode string

// The modes.
const (
	// ModeDHCP asks for a lease. GoGrid has no DHCP service of its own: see
	// RenderDHCP.
	ModeDHCP Mode = "dhcp"
	// ModeHostMap looks the address up in a file that names every server.
	ModeHostMap Mode = "host_map"
	// ModeNone leaves adapter, address and routes alone.
	ModeNone Mode = "none"
)

// Config is what a startup script is rendered from.
type Config struct {
	OS      OS
	Network Network
	Storage Storage
	// Channel names the pointer file on Cloud Storage.
	Channel string
	// Certificates are installed from Cloud Storage at every boot.
	Certificates []Certificate
	// Extra is a script of the user's own, run at the end of every boot.
	Extra string
}

// Network is the private network of a server.
type Network struct {
	// Adapter is the name of the private adapter; empty means that of GoGrid's
	// own images.
	Adapter string
	Mode    Mode
	Routes  []Route
	// HostMap is the content of the host map that is baked into the image; see
	// DHCPConfig.
	HostMap string
	// Provisional is the address, with its prefix length, that a server borrows
	// to read the host map on Cloud Storage when the one in the image does not
	// know it.
	Provisional netip.Prefix
}

// Route leads to a network behind a gateway of the private network.
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
	// DriveLetter is given to people who log on to a Windows server.
	DriveLetter string
	// MountPoint is where a Linux server mounts the share.
	MountPoint string
}

// Certificate is a PKCS #12 file on Cloud Storage.
type Certificate struct {
	// File is its path on Cloud Storage.
	File string
	// PasswordFile is a file on the server whose first line is the password;
	// empty when there is none.
	PasswordFile string
	// Store is the machine's certificate store on Windows, and a folder on
	// Linux.
	Store string
}

// File is a file of an image.
type File struct {
	Path    string
	Content string
	// Mode are the permissions in octal, as text.
	Mode string
}

// Rendered is all that an image needs.
type Rendered struct {
	Script, ScriptPath       string
	Installer, InstallerPath string
	// Unit runs the script at every boot of a Linux server with systemd; empty
	// on Windows.
	Unit string
	// BootCommand, run once on the sandbox, has the script run at every boot.
	BootCommand string
	// Files are all files to put onto the sandbox.
	Files []File
}

// Digest changes exactly when a file or the boot command does.
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

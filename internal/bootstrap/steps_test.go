// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// stepFiles returns the files that the steps of these tests refer to.
func stepFiles() map[string]string {
	return map[string]string{"app/x": "", "certs/a.pfx": "", "certs/p": "", "s/run.sh": "#!/bin/sh\n", "s/run.cmd": "rem\r\n"}
}

func TestStepsAccepted(t *testing.T) {
	t.Parallel()
	for os, steps := range map[OS][]Step{
		Linux: {
			{Install: &Install{"app", "/srv/app"}},
			{Install: &Install{"app/", "/var/www/html/"}},
			{Certificate: &Certificate{"certs/a.pfx", "certs/p", "/etc/pki/site"}},
			{Run: &Run{Script: "s/run.sh", Args: []string{"", `a%b^c&d!e"f`, "é"}, TimeoutSeconds: MaxTimeoutSeconds}},
			{Service: &Service{"getty@tty1.service", "reload"}, OnError: Continue, When: FirstBoot},
		},
		Windows: {
			{Install: &Install{"app", `c:\app`}},
			{Install: &Install{"app", "D:/sites/my site/"}},
			{Certificate: &Certificate{File: "certs/a.pfx"}},
			{Run: &Run{Script: "s/run.cmd", Args: []string{"a%b^c&d!e'f", " "}, TimeoutSeconds: 1}, OnError: Stop, When: EveryBoot},
			{Service: &Service{"MSSQL$SHOP", "restart"}, When: OnChange},
			{Service: &Service{"World Wide Web", "stop"}},
		},
	} {
		archive, err := Recipe{OS: os, Files: stepFiles(), Steps: steps}.Build(t.Context(), io.Discard)
		if err != nil || len(archive.Warnings) > 0 {
			t.Errorf("%s: %v, %v", os, err, archive.Warnings)
		}
	}
}

func TestStepsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		os   OS
		step Step
		want string // the attribute and part of the message
	}{
		"nothing":              {Linux, Step{}, ": the step does nothing: give it one of"},
		"two":                  {Linux, Step{Run: &Run{Script: "s/run.sh"}, Service: &Service{"x", "start"}}, ": the step is run and service at the same time"},
		"on_error":             {Linux, Step{Service: &Service{"x", "start"}, OnError: "panic"}, `on_error: on_error is "panic": it must be one of stop, continue`},
		"when":                 {Linux, Step{Service: &Service{"x", "start"}, When: "never"}, `when: when is "never": it must be one of first_boot`},
		"from outside":         {Linux, Step{Install: &Install{"../x", "/srv/x"}}, `install.from: "../x" holds ".."`},
		"from is all":          {Linux, Step{Install: &Install{".", "/srv/x"}}, `install.from: "." is the whole archive`},
		"from missing":         {Linux, Step{Install: &Install{"web", "/srv/x"}}, `install.from: the archive has no folder "web" with files in it`},
		"from file":            {Linux, Step{Install: &Install{"app/x", "/srv/x"}}, `install.from: "app/x" is a file of the archive`},
		"from case":            {Linux, Step{Install: &Install{"App", "/srv/x"}}, `install.from: the archive has no folder "App" with files in it: it has "app", and case counts`},
		"to relative":          {Linux, Step{Install: &Install{"app", "srv"}}, `install.to: "srv" is not an absolute path on Linux`},
		"to roundabout":        {Linux, Step{Install: &Install{"app", "/srv/../etc"}}, `install.to: "/srv/../etc" is not a normalized path: write "/etc"`},
		"to control":           {Linux, Step{Install: &Install{"app", "/srv/\n"}}, `install.to: "/srv/\n" holds a control character`},
		"to root":              {Linux, Step{Install: &Install{"app", "/"}}, `install.to: "/" belongs to the system`},
		"to etc":               {Linux, Step{Install: &Install{"app", "/etc/"}}, `install.to: "/etc/" belongs to the system`},
		"to proc":              {Linux, Step{Install: &Install{"app", "/proc/1"}}, `install.to: "/proc/1" is inside "/proc"`},
		"to of another":        {Windows, Step{Install: &Install{"app", "/srv"}}, `install.to: "/srv" is not an absolute path on Windows`},
		"to without slash":     {Windows, Step{Install: &Install{"app", "c:app"}}, `install.to: "c:app" is not an absolute path`},
		"to share":             {Windows, Step{Install: &Install{"app", `\\h\s`}}, `install.to: "\\\\h\\s" is not an absolute path`},
		"to drive":             {Windows, Step{Install: &Install{"app", `C:\`}}, `install.to: "C:\\" belongs to the system`},
		"to Windows":           {Windows, Step{Install: &Install{"app", `C:\WINDOWS`}}, `install.to: "C:\\WINDOWS" belongs to the system`},
		"to System32":          {Windows, Step{Install: &Install{"app", "c:/windows/system32"}}, `install.to: "c:/windows/system32" is inside "\\windows"`},
		"to device":            {Windows, Step{Install: &Install{"app", `C:\a\nul`}}, `install.to: "C:\\a\\nul" holds the name "nul"`},
		"to up":                {Windows, Step{Install: &Install{"app", `C:\a\..\b`}}, `install.to: "C:\\a\\..\\b" holds ".."`},
		"certificate missing":  {Windows, Step{Certificate: &Certificate{File: "certs/b.pfx"}}, `certificate.file: the archive has no file "certs/b.pfx": check the path`},
		"certificate path":     {Windows, Step{Certificate: &Certificate{File: `certs\b.pfx`}}, `certificate.file: "certs\\b.pfx" holds a backslash`},
		"certificate kind":     {Windows, Step{Certificate: &Certificate{File: "certs/p"}}, `certificate.file: "certs/p" is not a PKCS #12 file by its name`},
		"password missing":     {Windows, Step{Certificate: &Certificate{File: "certs/a.pfx", PasswordFile: "q"}}, `certificate.password_file: the archive has no file "q"`},
		"password path":        {Windows, Step{Certificate: &Certificate{File: "certs/a.pfx", PasswordFile: "/q"}}, `certificate.password_file: "/q" is an absolute path`},
		"store":                {Windows, Step{Certificate: &Certificate{File: "certs/a.pfx", Store: `My"`}}, `certificate.store: "My\"" holds '"'`},
		"store on Linux":       {Linux, Step{Certificate: &Certificate{File: "certs/a.pfx"}}, `certificate.store: the store is missing: on Linux`},
		"store is system's":    {Linux, Step{Certificate: &Certificate{File: "certs/a.pfx", Store: "/etc"}}, `certificate.store: "/etc" belongs to the system`},
		"script missing":       {Linux, Step{Run: &Run{Script: "run.sh"}}, `run.script: the archive has no file "run.sh": it has "s/run.sh"`},
		"script case":          {Linux, Step{Run: &Run{Script: "S/run.sh"}}, `run.script: the archive has no file "S/run.sh": it has "s/run.sh", and case counts`},
		"script path":          {Linux, Step{Run: &Run{Script: "a//b"}}, `run.script: "a//b" holds an empty folder name`},
		"script empty":         {Linux, Step{Run: &Run{}}, `run.script: "" is empty`},
		"script on Windows":    {Windows, Step{Run: &Run{Script: "s/run.sh"}}, `run.script: "s/run.sh" is not a script that Windows runs: it must end in one of .cmd`},
		"timeout negative":     {Linux, Step{Run: &Run{Script: "s/run.sh", TimeoutSeconds: -1}}, "run.timeout: the timeout is -1 seconds"},
		"timeout long":         {Linux, Step{Run: &Run{Script: "s/run.sh", TimeoutSeconds: 86_401}}, "run.timeout: the timeout is 86401 seconds: it must be from 1 to 86400"},
		"argument with line":   {Linux, Step{Run: &Run{Script: "s/run.sh", Args: []string{"ok", "a\nb"}}}, `run.args: argument number 2, "a\nb", has the control character U+000A at position 2`},
		"argument with quote":  {Windows, Step{Run: &Run{Script: "s/run.cmd", Args: []string{`a"b`}}}, `run.args: argument number 1, "a\"b", has a double quote at position 2`},
		"argument not ASCII":   {Windows, Step{Run: &Run{Script: "s/run.cmd", Args: []string{"aé"}}}, `run.args: argument number 1, "aé", has 'é' at position 2`},
		"argument not UTF-8":   {Linux, Step{Run: &Run{Script: "s/run.sh", Args: []string{"\xff"}}}, "is not valid UTF-8"},
		"arguments too many":   {Linux, Step{Run: &Run{Script: "s/run.sh", Args: slices.Repeat([]string{"a"}, 101)}}, "run.args: there are 101 arguments with 202 bytes"},
		"arguments too long":   {Linux, Step{Run: &Run{Script: "s/run.sh", Args: []string{strings.Repeat("a", 4000)}}}, "run.args: there are 1 arguments with 4001 bytes"},
		"service without name": {Linux, Step{Service: &Service{"", "start"}}, "service.name: the name of the service has 0 characters"},
		"service name":         {Linux, Step{Service: &Service{"a b", "start"}}, `service.name: "a b" has ' ' at position 2`},
		"service name as flag": {Windows, Step{Service: &Service{"-a", "start"}}, `service.name: "-a" has '-' at position 1`},
		"service action":       {Linux, Step{Service: &Service{"a", "kill"}}, `service.action: the action is "kill": it must be one of start, stop`},
		"no service action":    {Linux, Step{Service: &Service{"a", ""}}, "service.action: the action is missing"},
		"reload on Windows":    {Windows, Step{Service: &Service{"a", "reload"}}, `service.action: the action is "reload", which Windows services do not support`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := []Step{{Service: &Service{"x", "start"}}, tc.step}
			_, err := Recipe{OS: tc.os, Files: stepFiles(), Steps: steps}.Build(t.Context(), io.Discard)
			problems := problemsOf(t, err)
			if len(problems) != 1 || problems[0].Index != 1 || problems[0].Field != FieldSteps || !strings.Contains(problems[0].Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestStepsNeedSystem(t *testing.T) {
	t.Parallel()
	recipe := Recipe{Files: stepFiles(), Steps: []Step{{Service: &Service{"x", "start"}}}}
	checkProblems(t, recipe.Check(), []wantProblem{{FieldOS, "", `set the operating system to "linux" or "windows"`}})
	recipe.OS, recipe.Steps = Linux, slices.Repeat(recipe.Steps, MaxSteps+1)
	checkProblems(t, recipe.Check(), []wantProblem{{FieldSteps, "", "more than 200 steps"}})
}

func TestTargetsClash(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		os          OS
		first, then string
		want        string
	}{
		"same":           {Linux, "/srv/a", "/srv/a/", "is the same folder as the target of step 1"},
		"case of drives": {Windows, `C:\a`, "c:/A", "is the same folder as the target of step 1"},
		"inside":         {Linux, "/srv/a", "/srv/a/b", "is inside the target of step 1"},
		"around":         {Windows, `C:\a\b`, `C:\A`, "contains the target of step 1"},
		"beside":         {Linux, "/srv/a", "/srv/ab", ""},
		"case on Linux":  {Linux, "/srv/a", "/srv/A", ""},
	} {
		steps := []Step{{Install: &Install{"app", tc.first}}, {Install: &Install{"app", tc.then}}}
		err := Recipe{OS: tc.os, Files: stepFiles(), Steps: steps}.Check()
		if tc.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		problems := problemsOf(t, err)
		if len(problems) != 1 || problems[0].Index != 1 || problems[0].Attribute != "install.to" || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", name, err, tc.want)
		}
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		os            OS
		path, content string
		want          string
	}{
		"CR LF":                   {Windows, "a.cmd", "a\r\nb\r\n", ""},
		"no line end":             {Windows, "a.cmd", "a", ""},
		"empty":                   {Windows, "a.cmd", "", ""},
		"LF":                      {Windows, "x/A.CMD", "a\r\nb\nc\r\n", "line 2 ends in LF alone"},
		"LF first":                {Windows, "a.bat", "\n", "line 1 ends in LF alone"},
		"LF late":                 {Windows, "a.bat", strings.Repeat("rem\r\n", 5000) + "x\n", "line 5001 ends in LF alone"},
		"byte order mark":         {Windows, "a.cmd", byteOrderMark + "a\r\n", "begins with a byte order mark"},
		"UTF-16":                  {Windows, "a.cmd", "\xff\xfea\x00", "is UTF-16"},
		"other files of Windows":  {Windows, "a.txt", "a\nb\n", ""},
		"cmd on Linux":            {Linux, "a.cmd", "a\n", ""},
		"cmd anywhere":            {"", "a.cmd", "a\n", ""},
		"shell":                   {Linux, "a.sh", "#!/bin/sh\nx\r\n", ""},
		"shell with CR LF":        {Linux, "a.sh", "#!/bin/sh\r\n", "does not find its interpreter"},
		"shell, byte order mark":  {Linux, "a.sh", byteOrderMark + "#!/bin/sh\n", "byte order mark"},
		"long line":               {Linux, "a.sh", "#!" + strings.Repeat("x", 9000) + "\r\n", ""},
		"script without ending":   {Linux, "run", "#!/bin/sh\r\n", "Windows line endings"},
		"script without #!":       {Linux, "run", "echo\n", `begin it with a line such as "#!/bin/sh"`},
		"empty script":            {Linux, "run", "", "Linux cannot execute it"},
		"program":                 {Linux, "run", "\x7fELF\x02\r\n", ""},
		"marked script":           {Linux, "run", byteOrderMark + "#!/bin/sh\n", "byte order mark"},
		"file that nothing reads": {Linux, "other", "#!/bin/sh\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recipe := Recipe{OS: tc.os, SourceDir: folder(t, map[string]string{tc.path: tc.content})}
			if tc.path == "run" {
				recipe.Steps = []Step{{Run: &Run{Script: "run"}}}
			}
			_, err := recipe.Build(t.Context(), io.Discard)
			if tc.want != "" {
				checkProblems(t, err, []wantProblem{{FieldSourceDir, tc.path, tc.want}})
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Every accepted target is absolute and below the root, and normalizing it again
// does not change it.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/srv/a", "/etc/..", "C:/x/", `c:\windows\..`, `C:\a\nul`, "/", "c:", "//a"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, to string, windows bool) {
		os := Linux
		if windows {
			os = Windows
		}
		if os.checkTarget(to) != nil {
			return
		}
		clean, err := os.cleanTarget(to)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := os.cleanTarget(clean); err != nil || again != clean {
			t.Errorf("%q becomes %q and then %q: %v", to, clean, again, err)
		}
		for name := range strings.FieldsFuncSeq(clean, func(c rune) bool { return c == '/' || windows && c == '\\' }) {
			if name == ".." || name == "." {
				t.Errorf("%q was accepted with %q", to, name)
			}
		}
		if windows != (clean[0] != '/') || len(clean) < 2 {
			t.Errorf("%q was accepted as %q", to, clean)
		}
	})
}

// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// Exit codes of curl.
const (
	curlProtocol = 1
	curlOption   = 2
	curlConnect  = 7
	curlStatus   = 22
	curlWrite    = 23
	curlTimeout  = 28
	curlPeer     = 60
)

// Exit codes of wget.
const (
	wgetOption  = 2
	wgetFile    = 3
	wgetNetwork = 4
	wgetStatus  = 8
)

// download is one request of curl or wget. It can reach only servers of the
// grid.
type download struct {
	address, output, method, body, authority, format string
	header                                           http.Header
	insecure, follow, head, include, fails, silent   bool
	limit                                            time.Duration
}

// curlPlain maps the long names of curl's options without a value to their
// letters.
var curlPlain = map[string]string{
	"silent": "s", "show-error": "S", "fail": "f", "location": "L", "insecure": "k", "head": "I", "include": "i", "verbose": "v", "remote-name": "O",
}

// curlValued maps the long names of curl's options with a value to their
// letters.
var curlValued = map[string]string{
	"output": "o", "request": "X", "data": "d", "header": "H", "max-time": "m", "connect-timeout": "m", "write-out": "w", "user-agent": "A", "cacert": "E",
}

// curl implements "curl [OPTION...] ADDRESS".
func (g *guest) curl(ctx context.Context, p *shell.Process) int {
	d := download{method: http.MethodGet, header: http.Header{}}
	remoteName := false
	for i := 1; i < len(p.Args); i++ {
		arg := p.Args[i]
		long, isLong := strings.CutPrefix(arg, "--")
		switch {
		case isLong && curlPlain[long] != "":
			arg = "-" + curlPlain[long]
		case isLong && curlValued[long] != "":
			arg = "-" + curlValued[long]
		case isLong:
			return p.Fail(curlOption, "option %s: is unknown", arg)
		case !strings.HasPrefix(arg, "-"):
			d.address = arg
			continue
		}
		for at := 1; at < len(arg); at++ {
			letter, value := arg[at], arg[at+1:]
			if strings.IndexByte("oXdHmwAE", letter) < 0 {
				if strings.IndexByte("sSfLkIivO", letter) < 0 {
					return p.Fail(curlOption, "option -%c: is unknown", letter)
				}
				remoteName = remoteName || letter == 'O'
				d.plain(letter)
				continue
			}
			if value == "" {
				if i++; i == len(p.Args) {
					return p.Fail(curlOption, "option -%c: requires parameter", letter)
				}
				value = p.Args[i]
			}
			if err := d.valued(p, letter, value); err != nil {
				return p.Fail(curlOption, "%v", err)
			}
			break
		}
	}
	if d.address == "" {
		return p.Fail(curlOption, "no URL specified!")
	}
	if remoteName {
		d.output = path.Base(d.address)
	}
	return g.runCurl(ctx, p, d)
}

func (d *download) plain(letter byte) {
	switch letter {
	case 's':
		d.silent = true
	case 'f':
		d.fails = true
	case 'L':
		d.follow = true
	case 'k':
		d.insecure = true
	case 'I':
		d.head, d.method = true, http.MethodHead
	case 'i':
		d.include = true
	}
}

func (d *download) valued(p *shell.Process, letter byte, value string) error {
	switch letter {
	case 'o':
		d.output = value
	case 'X':
		d.method = value
	case 'd':
		if name, isFile := strings.CutPrefix(value, "@"); isFile {
			text, err := readFile(p.Files, p.Path(name))
			if err != nil {
				return fmt.Errorf("couldn't read data from file %q", name)
			}
			value = text
		}
		if d.body != "" {
			value = d.body + "&" + value
		}
		d.body = value
		if d.method == http.MethodGet {
			d.method = http.MethodPost
		}
	case 'H':
		name, text, _ := strings.Cut(value, ":")
		d.header.Set(strings.TrimSpace(name), strings.TrimSpace(text))
	case 'A':
		d.header.Set("User-Agent", value)
	case 'E':
		d.authority = value
	case 'w':
		d.format = value
	case 'm':
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || seconds < 0 || seconds > 1e6 {
			return errors.New("expected a proper numerical parameter")
		}
		d.limit = time.Duration(seconds * float64(time.Second))
	}
	return nil
}

func (g *guest) runCurl(ctx context.Context, p *shell.Process, d download) int {
	ctx, late, end := g.within(ctx, d.limit)
	defer end()
	answer, err := g.request(ctx, p, &d)
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, new(unsupported)):
		return p.Fail(curlProtocol, "(1) %v", err)
	case err != nil && late():
		return p.Fail(curlTimeout, "(28) Operation timed out")
	case errors.As(err, &certificate):
		return p.Fail(curlPeer, "(60) SSL certificate problem: %v; -k ignores it", certificate.Err)
	case err != nil:
		return p.Fail(curlConnect, "(7) couldn't connect: %v", err)
	}
	defer answer.Body.Close()
	if d.fails && answer.StatusCode >= http.StatusBadRequest {
		return p.Fail(curlStatus, "(22) The requested URL returned error: %s", answer.Status)
	}
	var content io.Reader = answer.Body
	if d.head || d.include {
		content = io.MultiReader(strings.NewReader(headOf(answer)), content)
	}
	if err := p.Store(content, d.output); err != nil {
		return p.Fail(curlWrite, "(23) Failed writing body: %v", err)
	}
	if d.format != "" {
		fmt.Fprint(p.Stdout, strings.NewReplacer("%{http_code}", strconv.Itoa(answer.StatusCode), `\n`, "\n").Replace(d.format))
	}
	return 0
}

func headOf(answer *http.Response) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\r\n", answer.Proto, answer.Status)
	_ = answer.Header.Write(&text) // a strings.Builder never fails
	return text.String() + "\r\n"
}

// wget implements "wget [OPTION...] ADDRESS". The output file is named after
// the last part of the address.
func (g *guest) wget(ctx context.Context, p *shell.Process) int {
	d := download{method: http.MethodGet, header: http.Header{}, follow: true}
	for i := 1; i < len(p.Args); i++ {
		switch arg := p.Args[i]; {
		case (arg == "-O" || arg == "-T" || arg == "-t" || arg == "-P") && i+1 < len(p.Args):
			i++
			if arg == "-O" {
				d.output = p.Args[i]
			}
		case strings.HasPrefix(arg, "-O"):
			d.output = arg[2:]
		case arg == "-qO-" || arg == "-qO":
			d.output, d.silent = strings.TrimPrefix(arg, "-qO"), true
			if d.output == "" && i+1 < len(p.Args) {
				i++
				d.output = p.Args[i]
			}
		case arg == "-q" || arg == "--quiet":
			d.silent = true
		case arg == "--no-check-certificate":
			d.insecure = true
		case slices.Contains([]string{"-v", "-nv", "-c", "-N", "--no-verbose"}, arg), strings.HasPrefix(arg, "--timeout="), strings.HasPrefix(arg, "--tries="):
		case strings.HasPrefix(arg, "-"):
			return p.Fail(wgetOption, "unrecognized option '%s'", arg)
		default:
			d.address = arg
		}
	}
	if d.address == "" {
		return p.Fail(1, "missing URL")
	}
	answer, err := g.request(ctx, p, &d)
	if err != nil {
		return p.Fail(wgetNetwork, "%v", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return p.Fail(wgetStatus, "ERROR %s.", answer.Status)
	}
	if d.output == "" {
		d.output = path.Base(answer.Request.URL.Path)
		if d.output == "/" || d.output == "." || strings.HasSuffix(answer.Request.URL.Path, "/") {
			d.output = "index.html"
		}
	}
	if err := p.Store(answer.Body, d.output); err != nil {
		return p.Fail(wgetFile, "%v", err)
	}
	return 0
}

// unsupported is the error for a protocol that guests do not support.
type unsupported struct{ scheme string }

func (u unsupported) Error() string { return "Protocol " + u.scheme + " not supported" }

// maxRedirects is the maximum number of redirects that a download follows.
const maxRedirects = 20

// within returns a context that ends after limit on the grid's clock; 0 means
// no limit. late reports whether the limit was reached. The caller must call
// end.
func (g *guest) within(ctx context.Context, limit time.Duration) (bounded context.Context, late func() bool, end func()) {
	bounded, cancel := context.WithCancelCause(ctx)
	if limit > 0 {
		go func() {
			if g.Sleep(bounded, limit) == nil {
				cancel(context.DeadlineExceeded)
			}
		}()
	}
	return bounded, func() bool { return errors.Is(context.Cause(bounded), context.DeadlineExceeded) }, func() { cancel(nil) }
}

// request sends a request.
func (g *guest) request(ctx context.Context, p *shell.Process, d *download) (*http.Response, error) {
	if !strings.Contains(d.address, "://") {
		d.address = "http://" + d.address
	}
	parsed, err := url.Parse(d.address)
	if err != nil {
		return nil, err
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, unsupported{parsed.Scheme}
	}
	roots := x509.NewCertPool()
	if d.authority != "" {
		text, err := readFile(p.Files, p.Path(d.authority))
		if err != nil || !roots.AppendCertsFromPEM([]byte(text)) {
			return nil, fmt.Errorf("error setting certificate verify locations: %s", d.authority)
		}
	}
	client := &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true, DialContext: g.dialName,
			TLSClientConfig: &tls.Config{RootCAs: roots, Time: g.Now, InsecureSkipVerify: d.insecure, MinVersion: tls.VersionTLS12}, //nolint:gosec // the command line decides whether to verify
		},
		CheckRedirect: func(_ *http.Request, before []*http.Request) error {
			if !d.follow {
				return http.ErrUseLastResponse
			}
			if len(before) >= maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			return nil
		},
	}
	request, err := http.NewRequestWithContext(ctx, d.method, d.address, strings.NewReader(d.body))
	if err != nil {
		return nil, err
	}
	request.Header = d.header
	if host := d.header.Get("Host"); host != "" {
		request.Host = host
	}
	if d.body != "" && d.header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return client.Do(request)
}

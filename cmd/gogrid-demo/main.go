// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command gogrid-demo plans, builds and scales a simulated grid, moves it to a new
// image, deploys an app to its servers and destroys it. "make demo" runs it.
//
// If KEEP is set in the environment, the grid keeps running at the end. NO_COLOR
// turns colors off, and TF_ACC_TERRAFORM_PATH names the terraform or tofu to run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"github.com/jonboulle/clockwork"
	"github.com/mattn/go-colorable"
	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// Exit codes of the command.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// defaultSpeed is the default of --speed: 45 minutes on the grid take 4.5 seconds.
const defaultSpeed = 600

func main() {
	os.Exit(run(context.Background(), os.Args[1:], colorable.NewColorableStdout(), os.Stderr))
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, stopSignals()...)
	defer stop()
	options, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // parse has already printed the reason
	}
	options.Out = stdout
	if err := runDemo(ctx, options); err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(stderr, "\ngogrid-demo: interrupted")
			return exitInterrupted
		}
		fmt.Fprintf(stderr, "gogrid-demo: %v\n", err)
		return exitFailed
	}
	return exitOK
}

func runDemo(ctx context.Context, options demo.Options) (err error) {
	if options.Root, err = tfcli.Root(); err != nil {
		return err
	}
	if options.Engine, err = tfcli.Find(ctx); err != nil {
		return err
	}
	_, err = demo.Run(ctx, options)
	return err
}

// terminalWidth returns the width of the terminal on standard output, in columns.
// It returns 0 if standard output is not a terminal that can clear a line.
func terminalWidth() int {
	out := os.Stdout.Fd()
	if !isatty.IsTerminal(out) || os.Getenv("TERM") == "dumb" {
		return 0
	}
	width, _, err := term.GetSize(int(out)) //nolint:gosec // a file descriptor is small
	if err != nil || width <= 0 {
		return defaultWidth
	}
	return width
}

// defaultWidth is the width of a terminal that does not report its own, in columns.
const defaultWidth = 80

func parse(args []string, stderr io.Writer) (demo.Options, error) {
	width := terminalWidth()
	options := demo.Options{
		Width: width,
		Color: width > 0 && os.Getenv("NO_COLOR") == "",
		Clock: clockwork.NewRealClock(),
		// Only Linux hosts can use the addresses of the guests.
		Guests: runtime.GOOS == "linux",
	}
	keep := os.Getenv("KEEP")
	flags := flag.NewFlagSet("gogrid-demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Float64Var(&options.Speed, "speed", defaultSpeed, "maximum number of grid `seconds` per real second")
	flags.BoolVar(&options.Guests, "guests", options.Guests, "boot the servers and log in to them over SSH")
	flags.BoolVar(&options.Keep, "keep", keep != "" && keep != "0", "leave the grid running at the end, as KEEP=1 does")
	flags.Func("fault", "fault `rule` of the simulator, as JSON; repeatable", func(rule string) error {
		options.Faults = append(options.Faults, rule)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return demo.Options{}, err
	}
	if flags.NArg() > 0 || options.Speed <= 0 {
		fmt.Fprintln(stderr, "gogrid-demo takes only flags, and --speed must be above 0; see --help")
		return demo.Options{}, errors.New("usage")
	}
	return options, nil
}

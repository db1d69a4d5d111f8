package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// The bounds of one run.
const (
	mostPrinted = 16 << 20        // bytes
	mostMutters = 400             // bytes of standard error that are kept: its end
	lastWords   = 2 * time.Second // for a program that was told to end
)

// errLoud stops a program that prints too much.
var errLoud = fmt.Errorf("it printed more than %d MB and was ended; make it print fewer articles", mostPrinted>>20)

// run runs the program to its end. It returns what it printed, and the end of what it wrote to standard error.
func (c *Command) run(ctx context.Context) (printed []byte, muttered string, err error) {
	limited, cancel := context.WithTimeout(ctx, time.Duration(c.config.Timeout))
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)
	program := exec.CommandContext(limited, c.path(), c.config.Run[1:]...) //nolint:gosec // the operator names the program
	out, said := &capped{stop: stop}, &tail{}
	program.Dir, program.Env, program.Stdout, program.Stderr = c.dir, c.environment(), out, said
	program.WaitDelay = 2 * lastWords // a child that got away may hold what it prints
	end := separate(program)
	err = program.Run()
	if program.Process != nil {
		end() // also when it ended by itself: what it left behind
	}
	muttered = said.String()
	switch {
	case ctx.Err() != nil:
		return nil, "", feed.Classify(feed.Unavailable, ctx.Err())
	case errors.Is(context.Cause(limited), errLoud):
		return nil, "", feed.Classify(feed.Unreadable, errLoud)
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return nil, "", feed.Classify(feed.Unavailable, fmt.Errorf("it did not end within %v and was ended with all it started%s; make it faster, or write a longer timeout", c.config.Timeout, quote(muttered)))
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, "", feed.Classify(feed.Unavailable, errors.New("it ended, but something that it started went on and kept what it prints open; let it wait for all it starts"))
	case err != nil:
		return nil, "", c.explain(err, muttered)
	}
	return out.kept, muttered, nil
}

// path is the program, of which a name with a slash lies in the folder of the configuration.
func (c *Command) path() string {
	name := c.config.Run[0]
	if filepath.IsAbs(name) || filepath.Base(name) == name {
		return name
	}
	return filepath.Join(c.dir, name)
}

// environment is PATH and the variables that are named, where they are set.
func (c *Command) environment() []string {
	all := []string{}
	for _, name := range append([]string{"PATH"}, c.config.Env...) {
		if value, ok := os.LookupEnv(name); ok {
			all = append(all, name+"="+value)
		}
	}
	return all
}

// explain says why a program did not run, or how it ended.
func (c *Command) explain(err error, muttered string) error {
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		how := fmt.Sprintf("with status %d", ended.ExitCode())
		if ended.ExitCode() < 0 {
			how = "by a " + ended.String() // signal: killed
		}
		return feed.Classify(feed.Unavailable, fmt.Errorf("it ended %s%s; what it printed does not count", how, quote(muttered)))
	}
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return feed.Classify(feed.Refused, errors.New("there is no such program, or what its first line names is not there; write its whole path under run"))
	case errors.Is(err, fs.ErrPermission):
		return feed.Classify(feed.Refused, errors.New("this user may not run it; look at its permissions"))
	}
	return feed.Classify(feed.Refused, err)
}

// quote puts what was muttered behind a message.
func quote(muttered string) string {
	if muttered == "" {
		return ""
	}
	return ", after writing to standard error: " + muttered
}

// capped keeps what is written to it, up to a bound.
type capped struct {
	kept []byte
	stop context.CancelCauseFunc
}

func (c *capped) Write(text []byte) (int, error) {
	if len(c.kept)+len(text) > mostPrinted {
		c.stop(errLoud)
		return 0, errLoud
	}
	c.kept = append(c.kept, text...)
	return len(text), nil
}

// tail keeps the end of what is written to it.
type tail struct {
	kept []byte
	cut  bool
}

func (t *tail) Write(text []byte) (int, error) {
	t.cut = t.cut || len(t.kept)+len(text) > mostMutters
	t.kept = append(t.kept, text[max(0, len(text)-mostMutters):]...)
	t.kept = t.kept[max(0, len(t.kept)-mostMutters):]
	return len(text), nil
}

// String is the end of what was written, on one line.
func (t *tail) String() string {
	text := clean.Line(strings.ToValidUTF8(string(t.kept), ""))
	if t.cut {
		return "…" + text
	}
	return text
}

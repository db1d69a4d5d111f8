package command

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"feedmill/feed/record"
	"feedmill/feed/setting"
)

// Config names a program and says where in what it prints the articles are.
type Config struct {
	// Run is the program with its arguments. No shell reads them. A program with a slash in its name is looked for in the
	// folder of the configuration, another one in PATH.
	Run []string `yaml:"run" words:"single"`
	// Timeout is how long it may take.
	Timeout setting.Duration `yaml:"timeout"`
	// Env names the variables of feedmill's environment that the program gets besides PATH.
	Env []string `yaml:"env" words:"single"`
	// Items finds the articles in JSON, in jq or as a dotted path: see [record.Selector]. Without it the likeliest list is
	// taken; of JSON lines and tables each line.
	Items record.Selector `yaml:"items"`
	// Fields are the words of an article, each found within its item: a member of an object, a column of a table. Without
	// any they are found by their names.
	Fields record.Fields `yaml:"fields"`
}

const (
	defaultTimeout = setting.Duration(30 * time.Second)
	longestTimeout = setting.Duration(time.Hour)
)

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Timeout: defaultTimeout} }

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate reports in one sentence what of the words does not go together.
func (c Config) Validate() error {
	switch {
	case len(c.Run) == 0 || c.Run[0] == "":
		return errors.New("run names no program; write it with its arguments, such as run: [/usr/local/bin/backups, --json]")
	case c.Timeout <= 0 || c.Timeout > longestTimeout:
		return fmt.Errorf("timeout %v is out of range; write one up to %v, such as 30s", c.Timeout, longestTimeout)
	}
	for _, arg := range c.Run {
		if slices.Contains([]byte(arg), 0) {
			return errors.New("run holds a zero character, which no argument can have")
		}
	}
	for _, name := range c.Env {
		if !variable.MatchString(name) {
			return fmt.Errorf("env holds %q, which is no name of a variable; write names only, such as env: [HOME], and set their values where feedmill is started", name)
		}
	}
	return nil
}

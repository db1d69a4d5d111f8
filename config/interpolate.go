package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxSecret bounds a file named by ${file:…}.
const maxSecret = 64 << 10

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// environment is what ${…} in a value may refer to.
type environment struct {
	vars map[string]string
	dir  string // where relative paths in ${file:…} begin
	// may says which variables may be named, and refuses files; nil: all may.
	may *leave
}

func newEnvironment(environ []string, dir string) *environment {
	e := &environment{vars: make(map[string]string, len(environ)), dir: dir}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			e.vars[name] = value
		}
	}
	return e
}

// expand puts in the values of ${NAME}, ${NAME:-default} and ${file:path}, and makes ${ of $${. What is put in is not
// looked at again. What stands between goes through fill, which gets what the text has become so far. The list holds each
// value that was put in.
func (e *environment) expand(text string, fill func(before, piece string) (string, []string, error)) (string, []string, error) {
	var b strings.Builder
	var put []string
	write := func(piece string) error {
		filled, values, err := fill(b.String(), piece)
		b.WriteString(filled)
		put = append(put, values...)
		return err
	}
	for {
		before, rest, found := strings.Cut(text, "${")
		plain, escaped := strings.CutSuffix(before, "$")
		if !found || !escaped {
			plain = before
		}
		if err := write(plain); err != nil || !found {
			return b.String(), put, err
		}
		if escaped {
			b.WriteString("${")
			text = rest
			continue
		}
		reference, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", nil, errors.New("has a ${ without a }; a plain ${ is written $${")
		}
		value, err := e.value(reference)
		if err != nil {
			return "", nil, err
		}
		b.WriteString(value)
		text, put = after, append(put, value)
	}
}

func (e *environment) value(reference string) (string, error) {
	if path, ok := strings.CutPrefix(reference, "file:"); ok {
		if e.may != nil {
			return "", errors.New("names a file with a secret, which an included file may not; write a variable that its secrets: allow")
		}
		return e.file(path)
	}
	name, fallback, hasFallback := strings.Cut(reference, ":-")
	if !variableName.MatchString(name) {
		return "", fmt.Errorf("${%s} is not understood; there are ${NAME}, ${NAME:-default} and ${file:/path}, and $${ for a plain ${", reference)
	}
	if err := e.may.secret(name); err != nil {
		return "", err
	}
	value, set := e.vars[name]
	switch {
	case hasFallback && value == "":
		return fallback, nil
	case !set:
		return "", fmt.Errorf("${%s} is not set; set the variable or write ${%s:-default}", name, name)
	}
	return value, nil
}

// file reads a secret from a file, without the line break at its end.
func (e *environment) file(path string) (string, error) {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(e.dir, full)
	}
	data, err := readUpTo(full, maxSecret)
	if err != nil {
		return "", fmt.Errorf("${file:%s} cannot be read: %w", path, reason(err))
	}
	return string(bytes.TrimRight(data, "\r\n")), nil
}

// readUpTo reads a file of at most limit bytes.
func readUpTo(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d KB", limit>>10)
	}
	return data, err
}

// reason is an error of the file system without the path, which the message has already.
func reason(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

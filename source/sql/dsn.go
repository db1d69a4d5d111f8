package sql

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

// driver is the kind of a database.
type driver string

const (
	postgres driver = "postgres"
	mariadb  driver = "mysql" // MySQL too
	sqlite   driver = "sqlite"
)

// DSN is the address of a database, with its password. It never shows the password: it prints, logs and marshals
// without it. The zero value is no database.
type DSN struct {
	text   string
	driver driver
	shown  string
}

// errDSN never shows what was written, for it may be a password in the wrong place.
var errDSN = errors.New("the address of the database is not understood; write postgres://user:password@host/name, " +
	"mysql://user:password@host/name or sqlite:file.db, and in a password %40 for @, %2F for / and %23 for #")

// UnmarshalText reads an address: of postgres (or postgresql), mysql (or mariadb), or sqlite. Its errors show nothing of it.
func (d *DSN) UnmarshalText(text []byte) error {
	s := string(text)
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return errDSN
	}
	parsed := DSN{text: s}
	switch strings.ToLower(scheme) {
	case "postgres", "postgresql":
		parsed.driver = postgres
	case "mysql", "mariadb":
		parsed.driver = mariadb
	case "sqlite":
		parsed.driver, parsed.shown = sqlite, s
		if strings.Contains(rest, "?") {
			return errors.New("the address of an SQLite database is a file and nothing else, such as sqlite:news.db")
		}
		*d = parsed
		return nil
	default:
		return errDSN
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return errDSN
	}
	parsed.shown = shownURL(u)
	*d = parsed
	switch d.driver {
	case postgres:
		_, err = d.postgres()
	case mariadb:
		_, err = d.mysql()
	}
	return err
}

// openWords are the words behind the question mark of an address that may be shown.
var openWords = []string{"sslmode", "application_name", "timezone", "connect_timeout", "tls", "charset", "collation", "timeout", "socket"}

// shownURL is an address without its secrets.
func shownURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	words := u.Query()
	for word := range words {
		if !slices.Contains(openWords, strings.ToLower(word)) {
			words.Set(word, "***")
		}
	}
	shown.RawQuery = words.Encode()
	return shown.String()
}

// IsZero reports whether no address was read.
func (d DSN) IsZero() bool { return d.text == "" }

// String returns the address without its password.
func (d DSN) String() string { return d.shown }

// GoString keeps %#v from showing the password.
func (d DSN) GoString() string { return d.shown }

// MarshalText returns the address without its password.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.shown), nil }

// place is the address without what a message would only be longer by.
func (d DSN) place() string {
	place, _, _ := strings.Cut(d.shown, "?")
	return place
}

// secrets are the parts of the address that no message may hold.
func (d DSN) secrets() []string {
	if d.driver == sqlite {
		return nil
	}
	u, err := url.Parse(d.text)
	if err != nil {
		return []string{d.text}
	}
	hidden := []string{d.text}
	if password, ok := u.User.Password(); ok {
		hidden = append(hidden, password, url.QueryEscape(password), url.PathEscape(password))
	}
	for word, values := range u.Query() {
		if !slices.Contains(openWords, strings.ToLower(word)) {
			hidden = append(hidden, values...)
		}
	}
	return slices.DeleteFunc(hidden, func(s string) bool { return len(s) < 3 })
}

// postgres is the address as the driver for Postgres wants it. Times come in UTC unless it says otherwise.
func (d DSN) postgres() (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(d.text)
	if err != nil {
		return nil, errDSN // the driver's own error may hold a part of the password
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	for word, value := range map[string]string{"application_name": "feedmill", "timezone": "UTC", "datestyle": "ISO"} {
		if c.RuntimeParams[word] == "" {
			c.RuntimeParams[word] = value
		}
	}
	return c, nil
}

// mysql is the address as the driver for MySQL and MariaDB wants it. Times come as they are written, those of TIMESTAMP
// columns in UTC.
func (d DSN) mysql() (*mysql.Config, error) {
	u, err := url.Parse(d.text)
	if err != nil {
		return nil, errDSN
	}
	words := u.Query()
	socket := words.Get("socket")
	words.Del("socket")
	c, err := mysql.ParseDSN("/?" + words.Encode())
	if err != nil {
		return nil, errors.New("a word behind the question mark in the address of the database is not known to MySQL; see whether it is spelled right")
	}
	c.User, c.DBName = u.User.Username(), strings.TrimPrefix(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", u.Host
	if u.Port() == "" {
		c.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	if socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	if c.TLS == nil && c.TLSConfig == "true" {
		c.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	if c.Timeout == 0 {
		c.Timeout = connectTimeout
	}
	// Whatever the address says: one statement at a time, no files of this machine, values as they are.
	c.MultiStatements, c.AllowAllFiles, c.ParseTime, c.InterpolateParams = false, false, false, false
	c.Logger = &mysql.NopLogger{} // errors are returned
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	if c.Params["time_zone"] == "" {
		c.Params["time_zone"] = "'+00:00'"
	}
	return c, nil
}

// file is the file of an SQLite database; a relative one begins at folder.
func (d DSN) file(folder string) string {
	_, name, _ := strings.Cut(d.text, ":")
	if rest, ok := strings.CutPrefix(name, "//"); ok {
		name = rest // sqlite:///var/lib/news.db
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	return name
}

// sqlite is the address as the driver for SQLite wants it: nothing can be written through it.
func (d DSN) sqlite(folder string) string {
	path := (&url.URL{Path: d.file(folder)}).EscapedPath()
	return fmt.Sprintf("file:%s?mode=ro&_pragma=busy_timeout(%d)&_pragma=query_only(1)", path, busyTimeout.Milliseconds())
}

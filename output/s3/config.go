package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strings"

	"feedmill/feed/setting"
)

// Config says into which bucket the documents are put, and as whom.
type Config struct {
	// Endpoint is the address of the server, such as https://s3.eu-central-1.amazonaws.com, which may lie in a private
	// network. Without http:// in front the connection is encrypted.
	Endpoint string `yaml:"endpoint"`
	// Region is where the bucket lies; when it is empty the server is asked.
	Region string `yaml:"region"`
	// Bucket must exist. It is found as a part of the host's name at Amazon and Google, and as a part of the path elsewhere.
	Bucket string `yaml:"bucket"`
	// Prefix stands in front of every name, as a folder; a slash at its ends makes no difference.
	Prefix string `yaml:"prefix"`
	// AccessKey and SecretKey may put, look at and delete what lies below the prefix.
	AccessKey setting.Secret `yaml:"access_key"`
	SecretKey setting.Secret `yaml:"secret_key"`
}

var (
	bucketPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$`)
	regionPattern = regexp.MustCompile(`^[A-Za-z0-9-]*$`)
)

// Validate reports what is wrong with the words themselves; it asks no server.
func (c Config) Validate() error {
	var errs []error
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if u, err := c.server(); err != nil {
		errs = append(errs, err)
	} else {
		say(c.Bucket != "" && strings.HasPrefix(u.Hostname(), c.Bucket+"."),
			"endpoint begins with the name of the bucket; write it without, https://%s: the bucket is put before it where that is needed",
			strings.TrimPrefix(u.Host, c.Bucket+"."))
	}
	say(!regionPattern.MatchString(c.Region), "region %q is none; write one such as eu-central-1, or leave it out", c.Region)
	say(c.Bucket == "", "bucket is missing; name the one to write to")
	say(c.Bucket != "" && !bucketPattern.MatchString(c.Bucket),
		"bucket %q is no name of a bucket; write 3 to 63 letters, digits, dots and hyphens", c.Bucket)
	folder := strings.Trim(c.Prefix, "/")
	say(folder != "" && (!fs.ValidPath(folder) || strings.ContainsAny(folder, "\\\x00")), "prefix %q is no folder; write one such as feeds/ or feeds/v1/", c.Prefix)
	say(c.AccessKey == "", `access_key is missing; write "${S3_KEY}" and set that variable`)
	say(c.SecretKey == "", `secret_key is missing; write "${S3_SECRET}" and set that variable`)
	return errors.Join(errs...)
}

// server is the endpoint's scheme and host.
func (c Config) server() (*url.URL, error) {
	text := c.Endpoint
	if text == "" {
		return nil, errors.New("endpoint is missing; write the address of the server, such as https://s3.eu-central-1.amazonaws.com")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("endpoint is no address of a server; write one such as https://s3.eu-central-1.amazonaws.com")
	case u.User != nil:
		return nil, errors.New("endpoint has a name or password in it; write them as access_key and secret_key")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("endpoint has more than a host and a port; write the bucket and what follows as bucket and prefix")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// folder is the prefix as it stands before a name.
func (c Config) folder() string {
	if folder := strings.Trim(c.Prefix, "/"); folder != "" {
		return folder + "/"
	}
	return ""
}

// Address is where the documents lie, for people, and to tell two places apart: one that begins with another lies within it.
func (c Config) Address() string {
	u, err := c.server()
	if err != nil {
		return c.Bucket + "/" + c.folder()
	}
	return u.String() + "/" + c.Bucket + "/" + c.folder()
}

package s3

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func good() Config {
	return Config{Endpoint: "https://s3.example.org", Bucket: "feeds", AccessKey: "the-access-key", SecretKey: "hunter2hunter2"}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(*Config)
		want  string // how the error begins; none: it is good
	}{
		{"as it is", func(*Config) {}, ""},
		{"an address", func(c *Config) { c.Endpoint = "http://[::1]:9000/" }, ""},
		{"without a scheme", func(c *Config) { c.Endpoint = "s3.example.org:9000" }, ""},
		{"Cloudflare", func(c *Config) { c.Region = "auto" }, ""},
		{"a prefix", func(c *Config) { c.Prefix = "/feeds/日本 v1/" }, ""},
		{"no endpoint", func(c *Config) { c.Endpoint = "" }, "endpoint is missing"},
		{"another scheme", func(c *Config) { c.Endpoint = "s3://feeds" }, "endpoint is no address"},
		{"no host", func(c *Config) { c.Endpoint = "https://" }, "endpoint is no address"},
		{"a password", func(c *Config) { c.Endpoint = "https://a:hunter2@s3.example.org" }, "endpoint has a name or password"},
		{"the bucket in the path", func(c *Config) { c.Endpoint = "https://s3.example.org/feeds" }, "endpoint has more than a host"},
		{"a query", func(c *Config) { c.Endpoint = "https://s3.example.org?x" }, "endpoint has more than a host"},
		{"the bucket in the host", func(c *Config) { c.Endpoint = "https://feeds.s3.example.org:9000" }, "endpoint begins with the name of the bucket; write it without, https://s3.example.org:9000"},
		{"no bucket", func(c *Config) { c.Bucket = "" }, "bucket is missing"},
		{"a bucket with a folder", func(c *Config) { c.Bucket = "feeds/v1" }, "bucket \"feeds/v1\" is no name"},
		{"up and away", func(c *Config) { c.Prefix = "../x" }, "prefix \"../x\" is no folder"},
		{"an empty folder", func(c *Config) { c.Prefix = "a//b" }, "prefix"},
		{"a region", func(c *Config) { c.Region = "Frankfurt am Main" }, "region"},
		{"no access key", func(c *Config) { c.AccessKey = "" }, "access_key is missing"},
		{"no secret key", func(c *Config) { c.SecretKey = "" }, "secret_key is missing"},
	} {
		c := good()
		test.write(&c)
		err := c.Validate()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		case strings.Contains(fmt.Sprint(err), "hunter2"):
			t.Errorf("%s: a secret is shown: %v", test.name, err)
		}
		if _, err := New(c, false, time.Now, slog.New(slog.DiscardHandler)); (err == nil) != (test.want == "") {
			t.Errorf("%s: New = %v", test.name, err)
		}
	}
	if err := (Config{}).Validate(); strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("not all is told at once: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v", good(), good(), good()); strings.Contains(text, "hunter2") || strings.Contains(text, "the-access-key") {
		t.Errorf("it prints as %s", text)
	}
}

func TestAddress(t *testing.T) {
	for _, test := range []struct{ endpoint, prefix, want string }{
		{"https://s3.example.org", "", "https://s3.example.org/feeds/"},
		{"S3.Example.org/", "/", "https://s3.example.org/feeds/"},
		{"http://s3.example.org:9000", "v1", "http://s3.example.org:9000/feeds/v1/"},
		{"https://s3.example.org", "/v1/a/", "https://s3.example.org/feeds/v1/a/"},
	} {
		c := good()
		c.Endpoint, c.Prefix = test.endpoint, test.prefix
		if got := c.Address(); got != test.want {
			t.Errorf("%s with %s is %s, want %s", test.endpoint, test.prefix, got, test.want)
		}
	}
}

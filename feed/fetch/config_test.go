package fetch

import (
	"strings"
	"testing"

	"feedmill/feed/setting"
)

func TestConfig(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	one := func(name, value string) map[string]setting.Secret {
		return map[string]setting.Secret{name: setting.Secret(value)}
	}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // in the sentence; empty: it is taken
	}{
		"empty agent":     {func(c *Config) { c.UserAgent = " " }, "user_agent"},
		"agent with line": {func(c *Config) { c.UserAgent = "a\r\nX: y" }, "user_agent"},
		"no timeout":      {func(c *Config) { c.Timeout = 0 }, "timeout"},
		"long timeout":    {func(c *Config) { c.Timeout = setting.Duration(2 * longestTimeout) }, "timeout"},
		"no body":         {func(c *Config) { c.MaxBody = 0 }, "max_body"},
		"huge body":       {func(c *Config) { c.MaxBody = 2 * largestBody }, "max_body"},
		"no concurrency":  {func(c *Config) { c.PerHost.Concurrency = 0 }, "concurrency"},
		"back in time":    {func(c *Config) { c.PerHost.Interval = -1 }, "interval"},
		"no interval":     {func(c *Config) { c.PerHost.Interval = 0 }, ""},
		"no port":         {func(c *Config) { c.AllowPrivate = []string{"a"} }, "allow_private"},
		"bad port":        {func(c *Config) { c.AllowPrivate = []string{"a:99999"} }, "allow_private"},
		"an address":      {func(c *Config) { c.AllowPrivate = []string{"http://a:80"} }, "allow_private"},
		"a network":       {func(c *Config) { c.AllowPrivate = []string{"10.0.0.0/8:80"} }, "allow_private"},
		"a wildcard":      {func(c *Config) { c.AllowPrivate = []string{"*:80"} }, "allow_private"},
		"hosts":           {func(c *Config) { c.AllowPrivate = []string{"a:80", "[::1]:8080", "10.0.0.1:1"} }, ""},
		"header":          {func(c *Config) { c.Headers = one("X-Key", "v") }, ""},
		"bad header":      {func(c *Config) { c.Headers = one("X Key", "secret") }, "X Key"},
		"own header":      {func(c *Config) { c.Headers = one("host", "secret") }, "Host"},
		"agent header":    {func(c *Config) { c.Headers = one("user-agent", "secret") }, "user_agent"},
		"split header":    {func(c *Config) { c.Headers = one("X", "secret\nY: z") }, "line break"},
		"two passwords":   {func(c *Config) { c.Headers, c.Auth.User = one("authorization", "secret"), "u" }, "one of them"},
		"cookie":          {func(c *Config) { c.Cookies = one("a", "v=1") }, ""},
		"bad cookie":      {func(c *Config) { c.Cookies = one("a;b", "secret") }, "cookies"},
		"two cookies":     {func(c *Config) { c.Cookies = one("a", "secret; b=2") }, "cookies"},
		"colon":           {func(c *Config) { c.Auth.User = "u:secret" }, "colon"},
		"no user":         {func(c *Config) { c.Auth.Password = "secret" }, "user"},
		"proxy":           {func(c *Config) { c.Proxy = "socks5://u:p@h:1080" }, ""},
		"proxy as host":   {func(c *Config) { c.Proxy = "secret:1080" }, "proxy"},
		"proxy as file":   {func(c *Config) { c.Proxy = "file:///secret" }, "proxy"},
	} {
		cfg := Default()
		c.change(&cfg)
		err := cfg.Validate()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: %v shows a secret", name, err)
		}
	}
}

func TestClone(t *testing.T) {
	global := Default()
	global.Headers = map[string]setting.Secret{"A": "1"}
	global.AllowPrivate = []string{"a:80"}
	own := global.Clone()
	own.Headers["B"] = "2"
	own.AllowPrivate[0] = "b:80"
	if len(global.Headers) != 1 || global.AllowPrivate[0] != "a:80" {
		t.Errorf("a source's words changed the global ones: %+v", global)
	}
}

package s3

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"feedmill/feed"
	"feedmill/feed/setting"
	"feedmill/output/outputtest"
)

// gateway starts versitygw, a server that speaks S3 and keeps folders, and returns how its bucket is reached.
func gateway(t *testing.T) Config {
	if os.Getenv("FEEDMILL_TEST_SOAK") == "" {
		t.Skip("make soak builds the server and runs this")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	server := exec.CommandContext(t.Context(), "versitygw", "--port", address, "--region", "eu-central-1", "--quiet",
		"posix", "--sidecar", t.TempDir(), t.TempDir())
	server.Env = append(os.Environ(), "ROOT_ACCESS_KEY=the-access-key", "ROOT_SECRET_KEY=hunter2hunter2")
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatalf("%v; make soak builds it", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	c := Config{Endpoint: "http://" + address, Bucket: bucket, Prefix: "v1", AccessKey: "the-access-key", SecretKey: "hunter2hunter2"}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := open(t, c, time.Now).client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{Region: "eu-central-1"})
		if err == nil {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// read is what lies under a name, for whoever has the key.
func read(t *testing.T, o *Output, name string) ([]byte, bool) {
	object, err := o.client.GetObject(t.Context(), bucket, o.key(name), minio.GetObjectOptions{})
	if err != nil {
		t.Error(err)
		return nil, false
	}
	defer object.Close()
	body, err := io.ReadAll(object)
	return body, err == nil
}

// TestRealServer is the suite and what is special to buckets, on a server that verifies signatures and keeps headers.
func TestRealServer(t *testing.T) {
	c := gateway(t)
	o := open(t, c, time.Now)
	t.Run("suite", func(t *testing.T) {
		outputtest.Run(t, o, func(path string) ([]byte, bool) {
			if body, ok := read(t, o, feed.RemovedFileName(path)); ok {
				return body, true
			}
			return nil, false
		})
	})
	t.Run("headers", func(t *testing.T) {
		for _, doc := range []feed.Document{rss("headers.rss", "<rss/>"), page("headers/a/日本 a+b", "page"), media("a.png", "png"), rss("empty.rss", "")} {
			publish(t, o, doc)
			is, err := o.client.StatObject(t.Context(), bucket, o.key(doc.FileName()), minio.StatObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := is.Metadata.Get("Cache-Control"); got != o.cacheControl(doc) || is.ContentType != doc.Type || is.Size != doc.Size {
				t.Errorf("%s lies there with %q, %s, %d bytes", doc.Path, got, is.ContentType, is.Size)
			}
			if got := is.Metadata.Values("Content-Encoding"); len(got) > 0 {
				t.Errorf("%s is encoded: %q", doc.Path, got)
			}
			if there, err := (&delivery{Output: o}).there(t.Context(), doc.FileName()); there != o.mark(doc) {
				t.Errorf("the mark of %s is %q, %v", doc.Path, there, err)
			}
		}
	})
	t.Run("large", func(t *testing.T) {
		const size = 40 << 20
		publish(t, o, feed.Document{Path: "media/show.mp3", Type: "audio/mpeg", ETag: `"show"`, Modified: modified, Size: size, Fixed: true,
			Open: func() (io.ReadSeekCloser, error) { return &endless{size: size}, nil }})
		want, _ := io.ReadAll(&endless{size: size})
		if got, _ := read(t, o, "media/show.mp3"); !bytes.Equal(got, want) {
			t.Errorf("it holds other bytes, %d of them", len(got))
		}
	})
	for _, test := range []struct {
		name  string
		write func(*Config)
		want  string
	}{
		{"wrong access key", func(c *Config) { c.AccessKey = "hunter2-other" }, "mend `access_key`"},
		{"wrong secret key", func(c *Config) { c.SecretKey = setting.Secret(strings.Repeat("hunter2", 3)) }, "mend `secret_key`"},
		{"no bucket", func(c *Config) { c.Bucket = "nothing-there" }, "mend `bucket`"},
		{"wrong region", func(c *Config) { c.Region = "us-west-1" }, "region"},
		{"encrypted", func(c *Config) { c.Endpoint = strings.Replace(c.Endpoint, "http:", "https:", 1) }, "`endpoint`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := c
			test.write(&c)
			other, err := New(c, false, time.Now, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			err = refuses(t, other, feed.Release{Documents: []feed.Document{rss("world.rss", "x")}})
			t.Log(err)
			if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v (%s), want %s", err, feed.ClassOf(err), test.want)
			}
		})
	}
}

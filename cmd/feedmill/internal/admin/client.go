package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"feedmill/feed/setting"
)

// Tell makes the daemon that listens at address refresh a feed, because another process has changed its state. No daemon
// there is no error.
func Tell(ctx context.Context, address string, token setting.Secret, feed string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("tell daemon at %s: %w", address, err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	target := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/refresh/" + feed}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), nil)
	if err != nil {
		return fmt.Errorf("tell daemon at %s: %w", address, err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	client := http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("tell daemon at %s: %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNoContent {
		return nil
	}
	// What the daemon says is for people; a body that cannot be read leaves the status.
	reason, _ := io.ReadAll(io.LimitReader(response.Body, 500))
	return fmt.Errorf("the daemon at %s did not take the change: %s: %s", address, response.Status, strings.TrimSpace(string(reason)))
}

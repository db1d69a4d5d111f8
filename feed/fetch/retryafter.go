package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The bounds of a wait that an origin may ask for.
const (
	shortestWait = time.Minute
	longestWait  = 24 * time.Hour
)

// retryAfter reads a Retry-After header (RFC 9110 section 10.2.3), seconds or a date, as a wait from now within our
// bounds; 0 when there is none or it means nothing.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	wait := longestWait
	if strings.Trim(value, "0123456789") == "" {
		if seconds, err := strconv.ParseInt(value, 10, 32); err == nil { // else more seconds than we wait
			wait = time.Duration(seconds) * time.Second
		}
	} else {
		at, err := http.ParseTime(value)
		if err != nil {
			return 0
		}
		wait = at.Sub(now)
	}
	return min(max(wait, shortestWait), longestWait)
}

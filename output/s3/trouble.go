package s3

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/minio/minio-go/v7"

	"feedmill/feed"
)

// trouble makes an error of a request one that an operator can act on: why it failed, and what to do. everything says that
// the next request would hardly fare better.
func (o *Output) trouble(err error) (everything bool, said error) {
	answer := minio.ToErrorResponse(err)
	if answer.Code == "" {
		class, cause, remedy := unreached(err)
		return true, o.said(class, cause, remedy)
	}
	class, everything, cause, remedy := o.answered(answer)
	return everything, o.said(class, cause, remedy)
}

// said is without the keys that a server or a library may have told.
func (o *Output) said(class feed.Class, cause, remedy string) error {
	for _, secret := range []string{o.config.SecretKey.Reveal(), o.config.AccessKey.Reveal()} {
		cause = strings.ReplaceAll(cause, secret, "***")
	}
	return feed.Classify(class, errors.New(cause+"; "+remedy))
}

const later = "it is tried again at the feed's next turn, and until then the old document stays"

// unreached is for requests that were not answered.
func unreached(err error) (class feed.Class, cause, remedy string) {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	_, unknown := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	switch text := err.Error(); {
	case errors.Is(err, errSilent):
		return feed.Unavailable, text, later
	case unknown:
		return feed.Unavailable, text, "if this goes on, mend the host in `endpoint`"
	case untrusted || authority:
		return feed.Refused, text, "give the server a certificate for the host in `endpoint` from an authority that this machine trusts"
	case strings.Contains(text, "HTTP response to HTTPS client"):
		return feed.Refused, text, "the server is not encrypted; if that is meant, write http:// in `endpoint`"
	case strings.Contains(text, "Connection closed by foreign host"):
		return feed.Unavailable, "the server breaks the connection", later
	default:
		return feed.Unavailable, text, later + "; if this goes on, look at the server and at `endpoint`"
	}
}

// transient reports whether an answer of that status is another one the next time.
func transient(status int) bool {
	return status >= 500 && status != http.StatusNotImplemented || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// answered is for requests that the server refuses.
func (o *Output) answered(a minio.ErrorResponse) (class feed.Class, everything bool, cause, remedy string) {
	refused := func(cause, remedy string) (feed.Class, bool, string, string) {
		return feed.Refused, true, cause, remedy
	}
	switch a.Code {
	case minio.NoSuchBucket:
		return refused("there is no bucket "+o.config.Bucket, "make it, or mend `bucket`")
	case minio.InvalidAccessKeyID, "InvalidToken", "XAdminUserNotFound": // the last: versitygw
		return refused("the server does not know the access key", "mend `access_key`")
	case minio.SignatureDoesNotMatch:
		return refused("the secret key is not that of the access key", "mend `secret_key`")
	case minio.AccessDenied, minio.AllAccessDisabled, "AccountProblem":
		return refused("access denied", "allow the owner of `access_key` to get, put and delete objects there, or mend `access_key`, `bucket` and `prefix`")
	case minio.AuthorizationHeaderMalformed, minio.InvalidRegion, "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect":
		if a.Region != "" {
			return refused(fmt.Sprintf("the bucket lies in the region %q", a.Region), "write that as `region`, and the server of that region as `endpoint`")
		}
		return refused("the bucket lies in another region", "mend `region` and `endpoint`")
	case minio.RequestTimeTooSkewed, "RequestExpired":
		return refused("the clocks of this machine and of the server differ too much", "set the clock of this machine")
	case minio.InvalidBucketName:
		return refused("the server takes no bucket of the name "+o.config.Bucket, "mend `bucket`")
	case "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "EntityQuotaExceeded":
		return feed.Unavailable, true, "there is no room in the bucket", "make room or raise the quota; until then the old document stays"
	case minio.EntityTooLarge:
		return feed.Refused, false, "the server takes no object of that size", "publish a smaller file"
	case "KeyTooLongError", minio.XMinioInvalidObjectName:
		return feed.Refused, false, "the server takes no name like that", "give the article a shorter slug, or write a shorter `prefix`"
	case minio.NotImplemented, minio.MethodNotAllowed:
		return refused(quoted(a), "if the server cannot tell its region, write `region`: us-east-1 is usual; else mend `endpoint`")
	}
	switch {
	case transient(a.StatusCode):
		return feed.Unavailable, true, quoted(a), later
	case a.StatusCode/100 == 3:
		return refused(quoted(a), "`endpoint` leads elsewhere: write the address to which it leads, such as one with https://")
	default:
		return refused(quoted(a), "look at `endpoint`, `bucket` and what its owner allows")
	}
}

// longestSaid bounds what is quoted of a server, in bytes.
const longestSaid = 200

// quoted is what the server answers, in a line.
func quoted(a minio.ErrorResponse) string {
	plain := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(a.Message, " "))
	if len(plain) > longestSaid {
		plain = strings.ToValidUTF8(plain[:longestSaid], "") + "…"
	}
	status := ""
	if a.StatusCode > 0 { // else the answer was not understood
		status = fmt.Sprintf(" %d", a.StatusCode)
	}
	switch plain = strings.TrimSpace(plain); {
	case plain == "" || strings.HasPrefix(" "+plain, status+" "): // a status in full
		return strings.TrimSpace("the server answers " + cmp.Or(plain, strings.TrimSpace(status)))
	default:
		return "the server answers" + status + ": " + plain
	}
}

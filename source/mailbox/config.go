package mailbox

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// Config names a mailbox and says which of its messages are articles.
type Config struct {
	// URL is imaps://host/FOLDER; imap://host/FOLDER, which is encrypted by STARTTLS; or maildir:/path/to/Maildir. Without
	// a folder it is INBOX. A relative path begins at the folder of the configuration.
	URL string `yaml:"url"`
	// User is who reads the mailbox. An address of this name is never published; that is all it is for in a Maildir.
	User string `yaml:"user"`
	// Password is sent over an encrypted connection only, or to a server on this machine itself.
	Password setting.Secret `yaml:"password"`
	// Sender takes only messages from this address, in any case.
	Sender string `yaml:"sender"`
	// ListID takes only messages of the mailing list with this List-Id, such as news.lists.example.org.
	ListID string `yaml:"list_id"`
	// Fetch overrides the manners on the web for this source. Of them timeout (for one answer), max_body (for one message),
	// allow_private and proxy mean something to a mail server.
	Fetch fetch.Config `yaml:"fetch"`
}

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Fetch: fetch.Default()} }

const example = "imaps://mail.example.org/INBOX"

// Validate reports in one sentence what is wrong with the words. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	p, err := parsePlace(c.URL)
	if err != nil {
		return err
	}
	switch {
	case p.dir != "" && c.Password != "":
		return errors.New("password is written, but a Maildir is a folder that is read without one; take it out")
	case p.dir == "" && c.User == "":
		return errors.New("user is empty; write whose mailbox it is, such as  user: feeds@example.org")
	case p.dir == "" && c.Password == "":
		return errors.New(`password is empty; write  password: "${file:/run/secrets/imap}"  or the like`)
	case strings.ContainsAny(c.User+c.Password.Reveal(), "\r\n\x00"):
		return errors.New("user or password holds a line break; if it comes from a file, see what is in it")
	case c.Sender != "" && !bareAddress().MatchString(c.Sender):
		return fmt.Errorf("sender %q is no mail address; write one such as digest@sender.example", c.Sender)
	case strings.ContainsAny(c.ListID, "<>@ \t\r\n"):
		return fmt.Errorf("list_id %q is not what stands in the angle brackets of the header List-Id; write it such as news.lists.example.org", c.ListID)
	}
	return nil
}

// place is where a mailbox is: a folder of a server, or a folder on disk.
type place struct {
	url      *url.URL // nil for a Maildir
	hostPort string
	folder   string // on the server
	dir      string // of the Maildir
}

func parsePlace(address string) (place, error) {
	if dir, ok := strings.CutPrefix(address, "maildir:"); ok {
		dir = strings.TrimPrefix(dir, "//")
		if strings.TrimSpace(dir) == "" {
			return place{}, errors.New("url names no folder; write one such as maildir:/home/feeds/Maildir")
		}
		return place{dir: filepath.FromSlash(dir)}, nil
	}
	if strings.TrimSpace(address) == "" {
		return place{}, errors.New("url is empty; write the address of a mailbox, such as " + example)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return place{}, errors.New("url is no address; write one such as " + example) // the cause would repeat what may hold a password
	case u.Scheme != "imaps" && u.Scheme != "imap":
		return place{}, fmt.Errorf("url %s is no mailbox; write imaps://host/FOLDER, imap://host/FOLDER or maildir:/path", fetch.Shown(address))
	case u.Hostname() == "":
		return place{}, errors.New("url names no host; write an address such as " + example)
	case u.User != nil:
		return place{}, errors.New("url holds a user or password, which logs would show; write them as user and password beside it")
	case u.RawQuery != "" || u.Fragment != "":
		return place{}, errors.New("url ends in ? or #, which means nothing in the address of a mailbox; write one such as " + example)
	case strings.ContainsAny(u.Path, "\r\n\x00"):
		return place{}, errors.New("url holds a line break; write an address such as " + example)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"imaps": "993", "imap": "143"}[u.Scheme]
	}
	folder := strings.Trim(u.Path, "/")
	if folder == "" {
		folder = "INBOX"
	}
	return place{url: u, hostPort: net.JoinHostPort(u.Hostname(), port), folder: folder}, nil
}

// shown is the mailbox as operators may see it.
func (p place) shown() string {
	if p.url == nil {
		return "maildir:" + filepath.ToSlash(p.dir)
	}
	return fetch.Shown(p.url.String())
}

// host is the server's name, "" for a Maildir.
func (p place) host() string {
	if p.url == nil {
		return ""
	}
	return p.url.Hostname()
}

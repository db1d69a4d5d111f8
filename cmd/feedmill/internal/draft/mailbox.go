package draft

import (
	"fmt"
	"io/fs"
	"mime"
	"net/mail"
	"net/url"
	"path"
	"slices"
	"strings"

	"feedmill/feed/listing"
)

// Mailbox is the draft for a folder of an IMAP server. Nothing is asked there: the password is not known yet.
func Mailbox(address *url.URL) Draft {
	folder := strings.Trim(address.Path, "/")
	if folder == "" {
		folder = "INBOX"
	}
	user := address.User.Username()
	key, _, _ := strings.Cut(user, "@")
	if !strings.EqualFold(folder, "inbox") {
		key = path.Base(folder)
	}
	place := url.URL{Scheme: address.Scheme, Host: address.Host, Path: "/" + folder}
	return Draft{
		Key: key,
		Notes: []string{
			fmt.Sprintf("the messages in %s of %s, as articles", folder, address.Hostname()),
			"put the password into the variable IMAP_PASSWORD, and a token for whoever reads the feed into READER_TOKEN",
		},
		Beside: readers,
		Source: "mailbox:\n  url: " + listing.Scalar(place.String()) + "\n  user: " + listing.Scalar(user) + "    # this address is never published\n" +
			"  password: \"${IMAP_PASSWORD}\"\n" + filters("", ""),
	}
}

// readers are those of a private feed.
const readers = `access: {readers: {me: "${READER_TOKEN}"}}    # mail was sent to somebody: who reads it here has a token of 16 letters or more
`

// mostMessages bounds how many messages of a Maildir are looked at.
const mostMessages = 500

// IsMaildir reports whether a folder is a Maildir.
func IsMaildir(folder fs.FS) bool {
	return !slices.ContainsFunc([]string{"cur", "new", "tmp"}, func(name string) bool {
		info, err := fs.Stat(folder, name)
		return err != nil || !info.IsDir()
	})
}

// Maildir is the draft for a Maildir: who writes most of its newest messages is proposed as the sender. name is how the
// configuration writes the folder.
func Maildir(folder fs.FS, name string) (Draft, error) {
	senders, lists := map[string]int{}, map[string]int{}
	looked, all := 0, 0
	for _, part := range []string{"new", "cur"} {
		entries, err := fs.ReadDir(folder, part)
		if err != nil {
			return Draft{}, fmt.Errorf("read %s: %w", name, err)
		}
		all += len(entries)
		slices.Reverse(entries) // names begin with the time of delivery
		for _, e := range entries[:min(len(entries), mostMessages-looked)] {
			looked++
			sender, list := envelope(folder, path.Join(part, e.Name()))
			senders[sender]++
			lists[list]++
		}
	}
	sender, list := most(senders), most(lists)
	d := Draft{Key: path.Base(name), Beside: readers, Source: "mailbox:\n  url: " + listing.Scalar("maildir:"+name) + "\n" +
		"  # user: me@example.org    # an address that is never published\n" + filters(sender, list)}
	d.Notes = []string{fmt.Sprintf("the Maildir %s holds %s", name, counted(all, "message"))}
	d.Notes = append(d.Notes, "put a token for whoever reads the feed into the variable READER_TOKEN")
	if sender != "" {
		d.Notes = append(d.Notes, fmt.Sprintf("of the newest %d, %d are from %s", looked, senders[sender], sender))
	}
	return d, nil
}

// filters are the words that choose messages, not in force yet.
func filters(sender, list string) string {
	if sender == "" {
		sender = "digest@sender.example"
	}
	if list == "" {
		list = "news.lists.example"
	}
	return "  # sender: " + listing.Scalar(sender) + "    # only what is from this address\n  # list_id: " + listing.Scalar(list) + "    # only what came by this list\n"
}

// envelope is who wrote a message, and by which list it came; empty where it does not say.
func envelope(folder fs.FS, file string) (sender, list string) {
	f, err := folder.Open(file)
	if err != nil {
		return "", ""
	}
	defer func() { _ = f.Close() }() // nothing was written
	m, err := mail.ReadMessage(f)
	if err != nil {
		return "", ""
	}
	parser := mail.AddressParser{WordDecoder: new(mime.WordDecoder)}
	if a, err := parser.Parse(m.Header.Get("From")); err == nil {
		sender = strings.ToLower(a.Address)
	}
	if _, id, ok := strings.Cut(m.Header.Get("List-Id"), "<"); ok {
		list, _, _ = strings.Cut(id, ">")
	}
	return sender, list
}

// most is the name that was counted most often, the first of several.
func most(counts map[string]int) (best string) {
	for name, n := range counts {
		if name != "" && (n > counts[best] || best == "" || n == counts[best] && name < best) {
			best = name
		}
	}
	return best
}

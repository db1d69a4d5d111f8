package mill

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// KeepMedia stores what r has, as it is read, and names it by its bytes. Of a private feed the name is made with a secret
// of this state too, so that whoever has the file cannot find out by its name whether the feed shows it.
func (m *memory) KeepMedia(ctx context.Context, name, mediaType string, r io.Reader) (kept feed.Media, err error) {
	at := m.mill.now()
	body := m.mill.ledger.NewMedia(ctx, at, min(m.mill.sizes.piece, mediaPiece))
	defer func() {
		if err != nil {
			// What cannot be taken away now is swept up some day.
			_ = m.mill.ledger.DropMedia(context.WithoutCancel(ctx), body)
		}
	}()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(body, sum), r)
	if err == nil {
		err = body.Close()
	}
	if err != nil {
		return feed.Media{}, fmt.Errorf("keep file %s: %w", name, err)
	}
	digest := sum.Sum(nil)
	if m.private {
		if digest, err = m.mill.keyed(ctx, digest); err != nil {
			return feed.Media{}, err
		}
	}
	kept = feed.Media{Name: mediaName(digest, name), Type: mediaType, Size: size}
	return kept, m.mill.ledger.SaveMedia(ctx, body, kept, at)
}

// HasMedia reports whether a file is kept.
func (m *memory) HasMedia(ctx context.Context, name string) (bool, error) {
	return m.mill.ledger.TouchMedia(ctx, name, m.mill.now())
}

// mediaPiece is how many bytes of a file are held in memory, and stored at once: most are pictures.
const mediaPiece = 256 << 10

// mediaSecret is the name under which the secret is kept. Should two processes make one at the same time, the names made
// with the lost one stay good: nobody makes them a second time.
const mediaSecret = "media secret"

// keyed is a digest that nobody can make who does not have the state.
func (m *Mill) keyed(ctx context.Context, digest []byte) ([]byte, error) {
	secret, err := m.ledger.Kept(ctx, mediaSecret)
	if err != nil {
		return nil, err
	}
	if secret == nil {
		secret = []byte(rand.Text())
		if err := m.ledger.Keep(ctx, mediaSecret, secret); err != nil {
			return nil, err
		}
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(digest)
	return mac.Sum(nil), nil
}

// longestName bounds the part of a media file's name that was the file's own.
const longestName = 60

var mediaDigits = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// mediaName is the name of a file by its digest and the name it had: ASCII, for some who play podcasts take no other.
func mediaName(digest []byte, name string) string {
	extension := strings.ToLower(path.Ext(name))
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, clean.Slug(strings.TrimSuffix(path.Base(name), path.Ext(name))))
	plain = strings.Trim(plain[:min(len(plain), longestName)], "-")
	if plain == "" {
		plain = "file"
	}
	return mediaDigits.EncodeToString(digest[:16]) + "-" + plain + extension
}

// referred are the media of an article to which it still refers: filters may have taken a picture out.
func referred(a feed.Article) []feed.Media {
	if len(a.Media) == 0 {
		return nil
	}
	met := map[string]bool{a.Image.URL: true}
	for _, e := range a.Enclosures {
		met[e.URL] = true
	}
	content := a.Content
	if content == "" {
		content = clean.Markdown(a.Markdown)
	}
	clean.Readdress(content, func(address string) string {
		met[address] = true
		return address
	})
	return slices.DeleteFunc(slices.Clone(a.Media), func(m feed.Media) bool { return !met[m.Ref] })
}

// showMedia puts the addresses of an article's media, below the site's base address, in the place of its references to them.
func showMedia(a *feed.Article, base string) {
	if len(a.Media) == 0 {
		return
	}
	address := func(m *feed.Media) string {
		_, fragment, _ := strings.Cut(m.Ref, "#")
		if fragment != "" {
			fragment = "#" + fragment
		}
		return base + "/" + feed.MediaPath(m.Name) + fragment
	}
	if m := a.Refer(a.Image.URL); m != nil {
		i := &a.Image
		i.URL, i.Type, i.Length, i.Width, i.Height = address(m), m.Type, m.Size, m.Width, m.Height
	}
	a.Enclosures = slices.Clone(a.Enclosures)
	for i := range a.Enclosures {
		if m := a.Refer(a.Enclosures[i].URL); m != nil {
			a.Enclosures[i] = feed.Enclosure{URL: address(m), Type: m.Type, Length: m.Size}
		}
	}
	a.Content = clean.Readdress(a.Content, func(ref string) string {
		if m := a.Refer(ref); m != nil {
			return address(m)
		}
		return ref
	})
}

// mediaFiles are the files that the feed's articles show since they changed, and the paths of those that they show no more.
func (r *refresh) mediaFiles(ctx context.Context) (files []store.Document, gone []string, err error) {
	added, gone, err := r.library.ChangedMedia(ctx, r.state.Serial, r.state.Rendered)
	for _, d := range added {
		files = append(files, store.Document{Document: d, Page: true})
	}
	return files, gone, err
}

// bring publishes to one output. Of the media it is to take away it keeps those that another feed shows there; one that
// another feed began to show meanwhile is brought back.
func (r *refresh) bring(ctx context.Context, out Output, release feed.Release) error {
	shared, err := r.library.SharedMedia(ctx, r.state.Serial, out.Name, release.Removed)
	if err != nil {
		return err
	}
	release.Removed = slices.DeleteFunc(slices.Clone(release.Removed), func(path string) bool {
		return slices.ContainsFunc(shared, func(d feed.Document) bool { return d.Path == path })
	})
	if err := out.Publish(ctx, release); err != nil {
		return &OutputError{out.Name, err}
	}
	again, err := r.library.SharedMedia(ctx, r.state.Serial, out.Name, release.Removed)
	if err != nil || len(again) == 0 {
		return err
	}
	if err := out.Publish(ctx, feed.Release{Feed: release.Feed, Revision: release.Revision, Documents: again}); err != nil {
		return &OutputError{out.Name, err}
	}
	return nil
}

// Media finds the file of a name that a published article refers to, with the names of the feeds of such articles. The error
// is [fs.ErrNotExist] when there never was one, or so long ago that nobody knows, and of class Gone when no article refers to
// it any more.
func (m *Mill) Media(ctx context.Context, name string) (feed.Document, []string, error) {
	d, feeds, err := m.library.Media(ctx, name)
	if err == nil && len(feeds) == 0 {
		err = feed.Classify(feed.Gone, errors.New("no published article refers to file "+name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("file %s: %w", name, fs.ErrNotExist)
	}
	return d, feeds, err
}

package doctor

import (
	"context"
	"mime"
	"net/http"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// media looks at the pictures and the sound of the newest article that has any on this site.
func (v *visit) media(ctx context.Context, s subject, plain answer) {
	read, err := parse.Parse(plain.Body, s.want.Type, s.address, time.UTC, v.doctor.Now())
	if err != nil {
		return // what is wrong with it was told
	}
	for _, a := range read.Articles {
		files := append([]feed.Enclosure{{URL: a.Image.URL}}, a.Enclosures...)
		found := false
		for _, file := range files {
			if v.ours(file.URL) {
				found = true
				v.file(ctx, file)
			}
		}
		if found {
			return
		}
	}
}

// file asks for a file in the ways of players: for its headers alone, and for a part.
func (v *visit) file(ctx context.Context, file feed.Enclosure) {
	head, ok := v.once(ctx, file.URL, apple(), http.MethodHead)
	if !ok {
		return
	}
	if f := v.refused(head); f != nil {
		v.fault(file.URL, f)
		return
	}
	if file.Type != "" {
		v.fault(file.URL, mistypedFile(file.Type, head))
	}
	if head.Header.Get("Content-Length") == "" {
		v.fault(file.URL, &fault{"length", Warning, "Does not tell its size.", "Let your CDN or proxy not pack or rewrite pictures and sound: Apple wants to know the size."})
	}
	part, ok := v.once(ctx, file.URL, apple().with("Range", "bytes=0-0", "Accept-Encoding", ""), http.MethodGet)
	if ok && part.Status != http.StatusPartialContent {
		v.fault(file.URL, &fault{"range", Warning, "Answers " + part.status() + " when asked for a part: nobody can jump within it, and Apple refuses podcasts for it.",
			"Let your CDN, proxy or host answer the header Range."})
	}
}

func mistypedFile(want string, a answer) *fault {
	wanted, _, err := mime.ParseMediaType(want)
	if err != nil || wanted == a.media() {
		return nil
	}
	return &fault{"type", Warning, "Is sent as " + a.media() + ", and the feed says " + wanted + ".", "Give this file name its media type in the server or CDN."}
}

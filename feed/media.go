package feed

import "strings"

// Media is a file that an article refers to, such as a picture, which is kept and published beside the documents at an
// address made of its content. So the bytes at an address never change, and a file that is changed has another address.
type Media struct {
	// Ref is how the article refers to the file: the address in its content, of its image or of an enclosure.
	Ref string `json:"ref,omitempty"`
	// Name is the last part of its address: a digest of the bytes, the file's own name in plain letters, and the extension
	// of its type.
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`             // in bytes
	Width  int    `json:"width,omitempty"`  // of a picture, in pixels; 0 when unknown
	Height int    `json:"height,omitempty"` // the same
}

// mediaFolder is where the addresses of media lie below the site's base address. No feed can have the key.
const mediaFolder = "media/"

// MediaPath is the path of the document that a media file is, below the site's base address. It needs no escaping.
func MediaPath(name string) string { return mediaFolder + name }

// MediaName is the name of the media file at a path; false when the path is not one of a media file.
func MediaName(path string) (name string, ok bool) {
	name, ok = strings.CutPrefix(path, mediaFolder)
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// Refer returns the media file that an article means by an address, nil when it means none.
func (a *Article) Refer(address string) *Media {
	for i := range a.Media {
		if a.Media[i].Ref == address {
			return &a.Media[i]
		}
	}
	return nil
}

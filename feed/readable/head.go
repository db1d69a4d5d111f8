package readable

import (
	"time"

	"golang.org/x/net/html"

	"feedmill/feed"
)

type head struct{ feed.Article }

func readHead(root *html.Node, zone *time.Location) head { return head{} }

func (h head) article() feed.Article { return h.Article }

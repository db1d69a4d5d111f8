package readable

import (
	"golang.org/x/net/html"

	"feedmill/feed"
)

func clearClutter(root *html.Node) {}

func trim(n *html.Node, a feed.Article) {}

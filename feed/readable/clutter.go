package readable

import "golang.org/x/net/html"

func clearClutter(root *html.Node) {}

func trim(n *html.Node, h head) {}

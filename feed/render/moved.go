package render

import (
	"html"
	"time"

	"feedmill/feed"
)

// Moved is the document at a path where a page lay before it came to another address: it leads there at once, also on a host
// that cannot redirect.
func Moved(path, to string, modified time.Time) feed.Document {
	to = html.EscapeString(to)
	return feed.NewDocument(path, feed.TypeHTML, modified, []byte(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>This page has moved</title>
<meta http-equiv="refresh" content="0; url=`+to+`">
<link rel="canonical" href="`+to+`">
</head>
<body>
<p>This page has moved to <a href="`+to+`">`+to+`</a>.</p>
</body>
</html>
`))
}

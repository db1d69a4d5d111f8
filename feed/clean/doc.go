// Package clean makes what comes from elsewhere safe to keep and to publish: bytes become valid UTF-8 text, dates become
// times, addresses become absolute URIs, and HTML and Markdown become markup that a reader may show without fear.
//
// Everything here is a pure function of its arguments: no network, no files, no clock, no state that changes, so all of
// it may be called from many goroutines at once. Broken input gives an error or less output, never a panic, and the work
// grows linearly with the input. The package does not decide what an article's title or date is; sources do that.
//
// It is the only importer of bluemonday and goldmark. A new element or attribute of articles goes into the allow list of
// policy.go, an extension of Markdown into markdown.go, a new abbreviation into abbreviation.go. Dates that authors write are
// read by date.go, those of feeds by wilddate.go with the tables of wildmonths.go, wildrelative.go and wildzones.go. Tracking
// parameters are listed in tracking.go, counting images and share bars in pixel.go, attributes of lazy images in lazy.go.
package clean

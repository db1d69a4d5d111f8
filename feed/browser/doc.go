// Package browser renders pages with Chromium: the HTML of a page after its scripts have run.
//
// One [Browser] is shared by all sources. It is started at first use, renders at most two pages at once, each in a context
// of its own that shares nothing with others and is thrown away, and ends when it has had nothing to do for a while, when
// it has rendered many pages or grown too large, and when it is closed. It owns:
//
//   - the program (program.go, flags.go, process.go): found, started in a process group and a temporary folder of its
//     own, talked to through a pipe, killed with all it started. It gets no environment of ours, for that holds secrets.
//     Chromium refuses to run as root, because its sandbox would mean nothing there: a feedmill that runs as root starts
//     it as nobody. Where the machine allows no sandbox, it runs without one only as another user than feedmill, who may
//     read nothing of feedmill's (and a warning says so); else it is not started;
//   - or the one that runs elsewhere (remote.go);
//   - the wire to it (wire.go), in the messages of chromedp. Not chromedp's own tabs: they keep a copy of a page's nodes,
//     and queues without bound, in this process;
//   - the gate (gate.go): a proxy of its own for each page, with a password, the only way that a page has to the web.
//     It connects by the rules of package fetch, so that neither a script nor a name server leads into a private network;
//   - the page (tab.go, requests.go): what it may load and how much, and the operator's own headers, which go to the
//     scheme, host and port of the address asked for. Images, fonts, media, frames within the page, downloads, windows,
//     dialogs, service workers and anything but http and https are refused;
//   - when a page is done (look.go), and its HTML;
//   - the words for what went wrong (words.go).
//
// What is asked, when, and what is remembered is the work of package fetch: [Browser.Render] asks through
// [fetch.Client.Visit].
//
// Cookies under fetch: are sent by the rules of browsers: to the host, whatever the port. Shadow trees and frames are not
// in the HTML. A remote browser is guarded by the same gate, but its process is not: whoever runs it bounds its memory and
// starts it with --force-webrtc-ip-handling-policy=disable_non_proxied_udp, for a page could else send UDP past the gate.
//
// Goroutines run while the browser does: one reads the wire, one waits for the process, one reads what it prints, one
// watches its memory, and those of the gate for each page. [Browser.Close] ends them all.
package browser

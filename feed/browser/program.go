package browser

import (
	"errors"
	"os/exec"

	"feedmill/feed"
)

// usual are the names of browsers that render as Chromium does, and where macOS keeps them.
var usual = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome-headless-shell", "headless-shell",
	"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// find returns the program's path.
func find(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", ours(feed.Refused, "no browser at browser.path %s: %w; write the path of a Chromium or Chrome, or leave it empty to have one looked for", path, errors.Unwrap(err))
		}
		return found, nil
	}
	for _, name := range usual {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", ours(feed.Refused, "there is no Chromium on this machine to render pages with; install one (Debian: apt-get install chromium), write browser: {path: …} or {url: ws://…}, or take render: true away")
}

// flags are how the program is started. Nothing but the gates leads out of it: names are not resolved, what is not of
// a page goes to a port where nobody answers, and neither QUIC nor WebRTC sends past the proxy.
func flags(folder string, sandboxed bool) []string {
	list := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + folder, "--no-startup-window",
		"--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--disable-quic",
		"--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
		"--block-new-web-contents", "--deny-permission-prompts", "--disable-notifications", "--disable-file-system", "--mute-audio", "--no-pings",
		"--disable-gpu", "--disable-dev-shm-usage", "--disk-cache-size=1", "--js-flags=--max-old-space-size=384",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
		"--disable-component-extensions-with-background-pages", "--disable-domain-reliability", "--disable-client-side-phishing-detection",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
		"--disable-breakpad", "--disable-crash-reporter", "--no-first-run", "--no-default-browser-check", "--metrics-recording-only",
		"--password-store=basic", "--use-mock-keychain", "--no-service-autorun", "--window-size=1280,2400",
		"--disable-features=" + unwanted,
	}
	if !sandboxed {
		list = append(list, "--no-sandbox")
	}
	return list
}

// unwanted are features that ask for more than the page, or ask otherwise than the page says.
const unwanted = "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,InterestFeedContentSuggestions,AutofillServerCommunication," +
	"CertificateTransparencyComponentUpdater,BackForwardCache,Prerender2,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,SpareRendererForSitePerProcess," +
	"WebUIPreloading,PreloadTopChromeWebUI,LensOverlay,GlobalMediaControls"

package local_test

import (
	"testing"

	"feedmill/feed/schedule"
	"feedmill/feed/schedule/local"
	"feedmill/feed/schedule/scheduletest"
)

func open(_ *testing.T, refresh scheduletest.Refresh) schedule.Engine {
	return local.New(local.Config{Refresh: refresh})
}

func TestEngine(t *testing.T) { scheduletest.Run(t, scheduletest.Fake, open) }

// TestEngineRealTime keeps the suite fit for engines that need the real clock.
func TestEngineRealTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes five seconds of real time")
	}
	scheduletest.Run(t, scheduletest.Real, open)
}

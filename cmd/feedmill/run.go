package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/cmd/feedmill/internal/systemd"
	"feedmill/config"
)

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Serve and write the feeds until stopped",
		Long: `Run refreshes every feed on its schedule, watches folders, serves the feeds at
server.listen and writes them to the outputs. It prints each feed's address and
what became of each article.

  SIGTERM, Ctrl-C   stop, within ten seconds and with nothing half done
  SIGHUP            read the configuration again; on any error the old one stays

With server.tls it gets certificates for its domains by itself and answers by
HTTPS. Sockets that systemd hands over are used instead of server.listen and
admin.listen; see feedmill.socket.

Health is at http://ADMIN.LISTEN/health. A second run on the same state is refused.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.run(c.Context()) },
	}
}

func (a *app) run(ctx context.Context) error {
	sockets, err := systemd.Listeners(daemon.SocketServer)
	if err != nil {
		return err
	}
	// Readers wait for the first configuration, which is read much faster when the collector does not look at each step.
	usual := debug.SetGCPercent(400)
	first, err := a.load(ctx)
	debug.SetGCPercent(usual)
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	log := a.logger(first, level)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	reload := make(chan struct{}, 1)
	go forward(ctx, hangup, reload)
	free, restore := spare()
	defer restore()
	err = daemon.Run(ctx, daemon.Settings{
		Load: func() (*config.Config, error) {
			if c := first; c != nil {
				first = nil // it was read a moment ago
				return c, nil
			}
			return a.load(ctx)
		}, Now: a.now, Log: log, Level: level, Out: a.out,
		Sockets: sockets, Notify: systemd.Notify, Turns: free,
	}, reload)
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// forward turns each signal into a reload; several while one is waiting are one.
func forward(ctx context.Context, from <-chan os.Signal, to chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-from:
			select {
			case to <- struct{}{}:
			default:
			}
		}
	}
}

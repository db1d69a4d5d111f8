package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/admin"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.out, "feedmill %s %s %s/%s\n", admin.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

//go:build !race

package clean

const bombSize = 1_000_000

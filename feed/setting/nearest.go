package setting

import "strings"

// Nearest returns the known word that was probably meant by another one, or "".
func Nearest(word string, known []string) string {
	best, bestDistance := "", min(3, max(1, len(word)/3))+1
	for _, k := range known {
		if d := distance(normal(word), normal(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

func normal(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "-", "_")
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to make b of a.
func distance(a, b string) int {
	const longest = 40
	x, y := []rune(a), []rune(b)
	if len(x) > longest || len(y) > longest {
		return longest
	}
	var d [longest + 1][longest + 1]int // d[i][j] is the distance of the first i letters of a and j of b
	for i := range len(x) + 1 {
		for j := range len(y) + 1 {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change) //nolint:gosec // neither is 0
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1) //nolint:gosec // here even above 1
			}
		}
	}
	return d[len(x)][len(y)]
}

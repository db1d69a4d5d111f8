// Package table reads tables out of text: CSV as spreadsheets and programs write it (RFC 4180), parted by commas, semicolons,
// tabs or bars, with a header line that names the columns.
//
// It knows nothing of articles and reads no files: whoever has the bytes hands them over. What cannot be read of one row is a
// problem that names its line; the other rows are taken.
//
// 16 MB of 94,000 rows take about 0.2 s and 57 MB (BenchmarkRead, one core of a busy server).
package table

package serve

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// leaveProgram lets go of the program's own file in memory. Most of what is mapped of it only the start has touched, or the
// kernel has mapped along, 64 KB at a time. The kernel keeps it as long as it has room, and maps again at once what is needed
// again; what is left it may take first. Nothing is lost: only what holds nothing but the file is left.
func leaveProgram() {
	for _, m := range programMappings() {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED) // it is an advice
	}
}

// mapping is a part of the program's file in memory.
type mapping struct {
	from, to uintptr
	resident int // KB
}

// programMappings are those that the process has written nothing to and cannot (proc_pid_smaps(5)).
func programMappings() (all []mapping) {
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return nil
	}
	ours := false
	var m mapping
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "Rss:":
			m.resident, _ = strconv.Atoi(fields[1])
		case "Anonymous:": // written to before it was made read-only, as by a linker
			if ours && fields[1] == "0" {
				all = append(all, m)
			}
		default:
			from, to, ok := strings.Cut(fields[0], "-")
			if !ok {
				continue
			}
			a, bad := strconv.ParseUint(from, 16, 64)
			b, worse := strconv.ParseUint(to, 16, 64)
			ours = bad == nil && worse == nil && strings.HasPrefix(fields[1], "r-") && strings.HasSuffix(line, " "+own)
			m = mapping{from: uintptr(a), to: uintptr(b)}
		}
	}
	return all
}

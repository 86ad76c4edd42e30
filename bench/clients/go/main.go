// Calls by go-libvirt, which speaks the protocol itself, for side.ts: go-client WORK COUNT URI, with COUNT goroutines.
// With no arguments it tells the library's version.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket/dialers"
)

type slice struct {
	Items int64   `json:"items"`
	Ms    float64 `json:"ms"`
	CPUMs float64 `json:"cpuMs"`
}

// work goes on until a moment and says how many items that made.
type work func(until time.Time) int64

// library is its version, which whoever compiles this says.
var library = "unknown"

func main() {
	if len(os.Args) == 1 {
		fmt.Println(library, "by", runtime.Version())
		return
	}
	name, address := os.Args[1], os.Args[3]
	count, err := strconv.Atoi(os.Args[2])
	check(err)
	do := chosen(name, count, address)
	input := bufio.NewScanner(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		ms, err := strconv.ParseFloat(input.Text(), 64)
		check(err)
		cpu, start := cpuTime(), time.Now()
		items := do(start.Add(time.Duration(ms * float64(time.Millisecond))))
		check(output.Encode(slice{items, milliseconds(time.Since(start)), milliseconds(cpuTime() - cpu)}))
	}
}

func chosen(name string, count int, address string) work {
	if name == "connect" {
		return repeat(func() int {
			l := connect(address)
			version(l)
			check(l.Disconnect())
			return 1
		})
	}
	l := connect(address)
	switch name {
	case "getLibVersion":
		return atOnce(count, func() { version(l) })
	case "getInfo":
		domain, err := l.DomainLookupByName("test")
		check(err)
		return atOnce(count, func() {
			_, _, _, _, _, err := l.DomainGetInfo(domain)
			check(err)
		})
	case "list":
		return repeat(func() int { return len(list(l)) })
	case "listXML":
		return repeat(func() int { return allXML(l, count) })
	case "stats":
		return repeat(func() int {
			records, err := l.ConnectGetAllDomainStats(nil, 0, 0)
			check(err)
			return len(records)
		})
	}
	log.Fatalf("no work %q", name)
	return nil
}

func connect(address string) *libvirt.Libvirt {
	uri, err := url.Parse(address)
	check(err)
	l := libvirt.NewWithDialer(dialers.NewLocal(dialers.WithSocket(uri.Query().Get("socket"))))
	check(l.ConnectToURI(libvirt.TestDefault))
	return l
}

func version(l *libvirt.Libvirt) {
	_, err := l.ConnectGetLibVersion()
	check(err)
}

func list(l *libvirt.Libvirt) []libvirt.Domain {
	domains, _, err := l.ConnectListAllDomains(1, 0)
	check(err)
	return domains
}

func allXML(l *libvirt.Libvirt, count int) int {
	domains := list(l)
	next := int64(-1)
	var all sync.WaitGroup
	for i := 0; i < count; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := atomic.AddInt64(&next, 1); i < int64(len(domains)); i = atomic.AddInt64(&next, 1) {
				_, err := l.DomainGetXMLDesc(domains[i], 0)
				check(err)
			}
		}()
	}
	all.Wait()
	return len(domains)
}

func atOnce(count int, call func()) work {
	return func(until time.Time) int64 {
		items := int64(0)
		var all sync.WaitGroup
		for i := 0; i < count; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				atomic.AddInt64(&items, repeat(func() int { call(); return 1 })(until))
			}()
		}
		all.Wait()
		return items
	}
}

func repeat(once func() int) work {
	return func(until time.Time) int64 {
		items := int64(once())
		for time.Now().Before(until) {
			items += int64(once())
		}
		return items
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

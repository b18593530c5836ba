// net: outbound HTTP.
//
// HttpClient sends the requests of one connection over a Transport: CurlTransport on the wire, or
// one in memory. Policy (retries, waits, budgets, hosts, redirects, tokens) is in pure parts of its
// own. exchange.h says what a request and a reply are and needs no library.
//
// Ownership: see client.h; a client borrows its ports. Threads: any. Failures: see
// HttpClient::send.
#pragma once

#include "net/client.h"          // IWYU pragma: export
#include "net/curl_transport.h"  // IWYU pragma: export
#include "net/declaration.h"     // IWYU pragma: export
#include "net/exchange.h"        // IWYU pragma: export
#include "net/interrupt.h"       // IWYU pragma: export
#include "net/tape_transport.h"  // IWYU pragma: export

// Encodes responses.

#include <sake/http/http1/date.hpp>
#include <sake/http/http1/encoder.hpp>
#include <sake/http/output.hpp>
#include <sake/http/response.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

/// Makes and encodes one response with `fields` additional fields.
void make_and_encode(benchmark::State& state, std::size_t content_size, int fields) {
  const std::string content(content_size, 'x');
  sake::http::date_clock clock;
  sake::http::output out;
  sake::http::encode_options options;
  options.date_line = clock.line(1'000'000'000);
  std::size_t octets = 0;
  for (auto _ : state) {
    out.clear();
    auto response = sake::http::response::text(200, content);
    for (int i = 0; i < fields; ++i)
      response.add_header("Cache-Control", "no-store");
    sake::http::encode(out, response, options);
    benchmark::DoNotOptimize(out.octets().data());
    octets = out.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * octets));
}

BENCHMARK_CAPTURE(make_and_encode, hello, 13, 0);
BENCHMARK_CAPTURE(make_and_encode, hello_8_more_fields, 13, 8);
BENCHMARK_CAPTURE(make_and_encode, content_4_kib, 4096, 0);

} // namespace

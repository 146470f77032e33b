// Streamed content: an upload counted as it arrives, a download as fast as its client reads.
#include <sake/sake.hpp>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  sake::engine app;

  // The handler runs as soon as the head has arrived. While it does not read, the connection does
  // not either: the upload takes no more memory than one piece.
  // [upload]
  app.post("/count",
           [](sake::context& ctx) -> sake::task<> {
             std::size_t octets = 0;
             std::size_t lines = 0;
             while (auto piece = co_await ctx.read()) {
               octets += piece->size();
               for (const char c : *piece)
                 lines += c == '\n' ? 1 : 0;
             }
             ctx.json(200, {{"octets", octets}, {"lines", lines}});
           })
      .streams_content()
      .limits({.content_bytes = 1024 * 1024 * 1024}); // for this route; the default is 1 MiB
  // [/upload]

  // Each write waits while more than 64 KiB of earlier output are queued.
  app.get("/numbers/:n", [](sake::context& ctx) -> sake::task<> {
    const std::string_view wanted = ctx.param("n");
    std::size_t n = 0;
    if (std::from_chars(wanted.data(), wanted.data() + wanted.size(), n).ec != std::errc{})
      co_return ctx.string(400, "how many numbers?\n");
    // [download]
    auto out = ctx.stream(200, "text/plain");
    for (std::size_t i = 1; i <= n; ++i)
      co_await out.write(std::to_string(i) + "\n");
    // [/download]
  });

  // Both at once: the content of the request returns in capitals.
  app.post("/shout",
           [](sake::context& ctx) -> sake::task<> {
             auto out = ctx.stream(200, "text/plain");
             while (auto piece = co_await ctx.read()) {
               for (char& c : *piece)
                 c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
               co_await out.write(*piece);
             }
           })
      .streams_content();

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

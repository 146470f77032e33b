// Pistache, for comparison: one I/O thread, the two routes of the side-by-side runs.

#include "common/flags.hpp"

#include <pistache/endpoint.h>

#include <memory>

namespace {

constexpr auto usage = "--port N";

using namespace Pistache;

class handler : public Http::Handler {
public:
  HTTP_PROTOTYPE(handler)

  void onRequest(const Http::Request& request, Http::ResponseWriter response) override {
    if (request.resource() == "/plaintext")
      response.send(Http::Code::Ok, "Hello, World!", MIME(Text, Plain));
    else if (request.resource() == "/json")
      response.send(Http::Code::Ok, R"({"message":"Hello, World!"})", MIME(Application, Json));
    else
      response.send(Http::Code::Not_Found);
  }
};

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-pistache", usage, [&] {
    sake::bench::flags flags{argc, argv, {"--port"}};
    Http::Endpoint server{Address{Ipv4::loopback(), Port{flags.port()}}};
    server.init(Http::Endpoint::options().threads(1).flags(Tcp::Options::ReuseAddr
                                                           | Tcp::Options::NoDelay));
    server.setHandler(Http::make_handler<handler>());
    server.serve();
    return 0;
  });
}

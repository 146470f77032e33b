// Reads a request whose memory the pool of the thread keeps: AddressSanitizer must report it.
#include <sake/http/request.hpp>

#include <cstdio>

int main() {
  sake::http::request request;
  const sake::http::detail::request_data& data = request.data();
  request = sake::http::request{nullptr};
  std::printf("%d\n", data.minor_version);
}

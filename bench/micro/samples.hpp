// Requests as clients send them.
#pragma once

#include <string>
#include <string_view>

namespace sake::bench {

/// A request of wrk.
inline constexpr std::string_view short_request = "GET /plaintext HTTP/1.1\r\n"
                                                  "Host: 127.0.0.1:8080\r\n"
                                                  "\r\n";

/// A request of a browser.
inline constexpr std::string_view browser_request =
    "GET /users/42/posts?page=2&order=newest HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.com/users/42\r\n"
    "Cookie: session=4f9c2e0a7b1d4c6e; theme=dark; consent=yes\r\n"
    "Connection: keep-alive\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "\r\n";

/// A small form post with Content-Length.
inline std::string post_request(std::size_t content_size) {
  return "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/octet-stream\r\n"
         "Content-Length: "
         + std::to_string(content_size) + "\r\n\r\n" + std::string(content_size, 'x');
}

/// The same content, chunked.
inline std::string chunked_request(std::size_t chunk_size, std::size_t chunks) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size_line;
  for (auto rest = chunk_size; rest != 0; rest /= 16)
    size_line.insert(size_line.begin(), digits[rest % 16]);
  std::string text = "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
                     "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t i = 0; i < chunks; ++i)
    text.append(size_line).append("\r\n").append(chunk_size, 'x').append("\r\n");
  return text + "0\r\n\r\n";
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

} // namespace sake::bench

// The route table: which route answers a method and a path.
#pragma once

#include "../http/detail/request_data.hpp"
#include "../http/method.hpp"
#include "radix_tree.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// The caller's number for a route.
using route_index = std::uint32_t;

/// Stands for every method where a route is added. As a token it is legal (RFC 9110 §5.6.2), but no
/// route can be for it alone.
inline constexpr std::string_view every_method = "*";

/// Which route answers a method and a path. Never changes once built (`route_table_builder`), so
/// every call is safe from any thread.
///
/// The most specific pattern that matches the path and has a route for the method decides; in the
/// first segment where two patterns differ, a literal wins over a parameter and a parameter over a
/// wildcard, whatever the order of registration. A pattern without a route for the method hides
/// none that has one: beside `GET /users/me`, `DELETE /users/:id` still answers
/// `DELETE /users/me`. Of the routes of one pattern, that of the method itself comes first; then,
/// for HEAD, that of GET; then that of every method ("*").
class route_table {
public:
  enum class outcome : std::uint8_t {
    found,
    /// No pattern matches the path: 404.
    not_found,
    /// Patterns match the path, but none has a route for the method: 405, or the answer to OPTIONS,
    /// with `allow`.
    method_not_allowed,
  };

  struct match {
    outcome what = outcome::not_found;
    /// Where `what` is `found`.
    route_index route = 0;
  };

  /// Finds the route for `method` and `path`.
  ///
  /// Costs O(octets in `path` × patterns that agree with it so far), see `radix_tree`; allocates
  /// only where `out` has no room left for the parameters.
  ///
  /// @param token  the method's token; read only where `method` is `other`
  /// @param path   absolute path as it was sent, without the query; `not_found` when an octet of a
  ///               parameter is badly percent-encoded
  /// @param out    gets the parameters of the route, percent-decoded; none when there is no route
  match find(http::method method, std::string_view token, std::string_view path,
             http::detail::request_data& out) const;

  /// The value of the Allow field (RFC 9110 §10.2.1) for `path`, in alphabetical order: every
  /// method that `find` finds a route for, and OPTIONS. A route for every method counts as the
  /// standard methods, without CONNECT, which has no path. Empty when no pattern matches `path`.
  [[nodiscard]] std::string allow(std::string_view path) const;

  /// Whether `token` is a standard method or was registered with some route. Requests with another
  /// method are answered with 501 (RFC 9110 §9.1) where `find` finds no route.
  [[nodiscard]] bool knows_method(std::string_view token) const;

  /// `path` with a '/' added at its end or, if it has one, removed, if some pattern matches the
  /// result: the place to redirect to.
  [[nodiscard]] std::optional<std::string> slash_sibling(std::string_view path) const;

private:
  friend class route_table_builder;

  static constexpr std::size_t method_count = static_cast<std::size_t>(http::method::other) + 1;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  static constexpr std::size_t position(http::method m) noexcept {
    return static_cast<std::size_t>(m);
  }

  struct parameter {
    /// Inside the names of its route.
    http::detail::span name;
    /// Octets between the previous value, or the start of the path, and its own.
    std::uint32_t skip = 0;
    /// Whether its value reaches to the end of the path: a wildcard, or the last segment.
    bool is_last = false;
  };

  struct route {
    route_index index = 0;
    /// The names of its parameters one after another, in `names_`.
    http::detail::span names;
    std::uint32_t first_parameter = 0;
    std::uint32_t parameter_count = 0;
  };

  struct named_route {
    std::string token;
    std::uint32_t route = none;
  };

  /// The routes of all patterns of one shape, by position in `routes_`, or `none`.
  struct choice {
    /// The route for each method; `other` stands for the tokens without a route of their own.
    std::array<std::uint32_t, method_count> by_method{};
    /// A bit for each method in the value of Allow.
    std::uint16_t allowed = 0;
    std::vector<named_route> by_token;

    [[nodiscard]] std::uint32_t route_for(http::method method,
                                          std::string_view token) const noexcept;
  };

  explicit route_table(const std::vector<std::string>& shapes) : tree_(shapes) {}

  bool bind(const route& found, std::string_view path, http::detail::request_data& out) const;

  radix_tree tree_;
  std::vector<choice> choices_; // by leaf
  std::vector<route> routes_;
  std::vector<parameter> parameters_;
  std::string names_;
  std::vector<std::string> tokens_; // the non-standard ones; sorted
};

} // namespace sake::routing

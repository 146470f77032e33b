// The response of an actor, as the test kit shows it.
#include "../../../support/catch.hpp"
#include "../../../support/memory_file.hpp"

#include <sake/testing/failure.hpp>
#include <sake/testing/response.hpp>

#include <memory>
#include <string>

namespace http = sake::http;
using sake::test::file_of;
using shown_response = sake::testing::response;

TEST_CASE("a response shows its content, wherever that lies", "[testing]") {
  const auto kept = std::make_shared<const std::string>("kept");
  CHECK(shown_response{http::response::text(200, "own")}.content() == "own");
  CHECK(shown_response{http::response{200}.content(http::kept_octets{*kept, kept})}.content()
        == "kept");
  CHECK(shown_response{http::response{200}.content(http::file_part{file_of("a file"), 2, 4})}
            .content()
        == "file");
}

TEST_CASE("a response from a file that is too short fails the test", "[testing]") {
  const auto from = http::response{200}.content(http::file_part{file_of("a file"), 2, 5});
  CHECK_THROWS_AS(shown_response{from}, sake::testing::failure);
}

#include <sake/actors/request/early_end.hpp>

#include "../../../support/catch.hpp"

using sake::actors::early_end;

TEST_CASE("no layer goes on while an early end waits for the layer at work", "[early_end]") {
  early_end end;
  CHECK_FALSE(end.has_begun());
  CHECK_FALSE(end.is_pending());

  end.begin(504);
  CHECK(end.has_begun());
  CHECK(end.is_pending());
  CHECK_FALSE(end.releases_chain());
  CHECK(end.status() == 504);
}

TEST_CASE("earlier layers go on once the waiting one has ended", "[early_end]") {
  early_end end;
  end.begin(499);
  end.layer_ended();
  CHECK(end.has_begun());
  CHECK_FALSE(end.is_pending());
}

TEST_CASE("a chain may be released after its layer has ended, with another status", "[early_end]") {
  early_end end;
  end.begin(504);
  end.layer_ended();
  end.release_chain(503);
  CHECK(end.is_pending());
  CHECK(end.releases_chain());
  CHECK(end.status() == 503);

  end.reset();
  CHECK_FALSE(end.has_begun());
}

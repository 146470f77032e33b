#include "file.hpp"

#include <stdexcept>
#include <string>

#include <unistd.h>

namespace sake::http {

file::file(int descriptor) : descriptor_(descriptor) {
  if (descriptor < 0)
    throw std::invalid_argument("a file of descriptor " + std::to_string(descriptor)
                                + ": it was not opened");
}

file::~file() {
  ::close(descriptor_);
}

} // namespace sake::http

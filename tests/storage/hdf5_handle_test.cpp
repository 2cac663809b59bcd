// SPDX-License-Identifier: BSD-3-Clause
#include "support/failures.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_handle.hpp>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using namespace test;

int times_called = 0;
herr_t count_call(hid_t, void*) {
  return ++times_called, 0;
}
herr_t count_call_of_old(void*) {
  return ++times_called, 0;
}

H5File made_file(const TemporaryFolder& folder) {
  return {H5Fcreate((folder / "some.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), "making"};
}

TEST(Hdf5Handle, AnErrorHasTheWordsOfTheLibraryAndTheTerminalHasNone) {
  const TemporaryFolder folder;
  const H5File file = made_file(folder);
  testing::internal::CaptureStderr();
  std::string text;
  {
    const Hdf5Session session;
    text = text_of<FileError>([&] { open_dataset(file.id(), "absent"); });
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(text.starts_with("opening dataset absent: ")) << text;
  EXPECT_NE(text.find("object 'absent' doesn't exist"), std::string::npos) << text;
}

TEST(Hdf5Handle, AnErrorOfTheSystemHasItsNumber) {
  const Hdf5Session session;
  try {
    const H5File file{H5Fopen("/absent/run.h5", H5F_ACC_RDONLY, H5P_DEFAULT), "opening the file"};
    FAIL() << "nothing is thrown";
  } catch (const FileError& error) {
    EXPECT_STREQ(error.what(), "opening the file: No such file or directory (ENOENT)");
    EXPECT_EQ(error.error_number(), ENOENT);
  }
}

TEST(Hdf5Handle, AUsersErrorHandlerComesBack) {
  int data = 0;
  times_called = 0;
  H5Eset_auto2(H5E_DEFAULT, count_call, &data);
  EXPECT_FALSE(is_cairn_hdf5_file("/absent/run.h5"));
  EXPECT_EQ(times_called, 0);
  H5E_auto2_t handler = nullptr;
  void* handler_data = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &handler, &handler_data);
  EXPECT_EQ(handler, &count_call);
  EXPECT_EQ(handler_data, &data);
  EXPECT_LT(H5Fopen("/absent/run.h5", H5F_ACC_RDONLY, H5P_DEFAULT), 0);
  EXPECT_EQ(times_called, 1);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

TEST(Hdf5Handle, AUsersErrorHandlerOfTheFirstGenerationComesBack) {
  int data = 0;
  times_called = 0;
  H5Eset_auto1(count_call_of_old, &data);
  EXPECT_FALSE(is_cairn_hdf5_file("/absent/run.h5"));
  EXPECT_EQ(times_called, 0);
  H5E_auto1_t handler = nullptr;
  void* handler_data = nullptr;
  H5Eget_auto1(&handler, &handler_data);
  EXPECT_EQ(handler, &count_call_of_old);
  EXPECT_EQ(handler_data, &data);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

TEST(Hdf5Handle, ClosesAtItsEndAndOnlyOnce) {
  const TemporaryFolder folder;
  {
    H5File file = made_file(folder);
    H5File other = std::move(file);
    EXPECT_EQ(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_FILE), 1);
    other.close("closing");
    EXPECT_EQ(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_FILE), 0);
  }
  EXPECT_EQ(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_FILE), 0);
}

TEST(Hdf5Handle, ABadIdentifierIsAnErrorAtOnce) {
  const Hdf5Session session;
  EXPECT_NE(text_of<FileError>([] { H5Dataset{H5I_INVALID_HID, "a test"}; }), "");
  H5Type closed{H5Tcopy(H5T_NATIVE_INT), "copying"};
  H5Tclose(closed.id());
  EXPECT_EQ(text_of<FileError>([&] { closed.close("closing a type"); }), "closing a type: not a datatype");
}

TEST(Hdf5Handle, AttributesComeBack) {
  const TemporaryFolder folder;
  const H5File file = made_file(folder);
  put_attribute(file.id(), "text", "Pa·s");
  put_attribute(file.id(), "empty", "");
  put_attribute(file.id(), "number", std::int32_t{-7});
  put_attribute(file.id(), "texts", std::vector<std::string>{"step", "z"});
  EXPECT_EQ(text_attribute(file.id(), "text"), "Pa·s");
  EXPECT_EQ(text_attribute(file.id(), "empty"), "");
  EXPECT_EQ(text_attribute(file.id(), "absent"), "");
  EXPECT_EQ(number_attribute(file.id(), "number"), -7);
  EXPECT_TRUE(has_attribute(file.id(), "texts"));
  EXPECT_EQ(text_of<FileError>([&] { text_attribute(file.id(), "texts"); }),
            "reading attribute texts: it is not one text of fixed length");
  EXPECT_EQ(text_of<FileError>([&] { text_attribute(file.id(), "number"); }),
            "reading attribute number: it is not one text of fixed length");
}

}  // namespace
}  // namespace cairn

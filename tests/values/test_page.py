from tavus_async import Page


def test_a_page_is_gone_through_in_the_servers_order() -> None:
    page = Page(items=("c", "a", "b"), total_count=7)

    assert list(page) == ["c", "a", "b"]
    assert len(page) == 3
    assert page.total_count == 7


def test_a_page_without_items_is_false_and_knows_no_total() -> None:
    page: Page[str] = Page(items=())

    assert not page
    assert page.total_count is None

"""The workbook of the organisation (Buku kerja organisasi): units, posts, employees and assignments in four tabs.

Written (writing.py), read (reading.py) and compared with what stands (comparing.py), all in plain texts: a cell is a day
as ISO, a word of a closed list as its value, and "" where it is empty. What the portal writes and what it reads are the
same texts, so that a workbook that nobody touched changes nothing.
"""

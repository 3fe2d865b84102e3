"""What every reader's query is asked with.

Statements are built once and executed with these parameters: building a large one costs several times its execution.
"""

from sqlalchemy import Date, Integer, String, bindparam

#: The day on which assignments must be in force.
TODAY = bindparam("today", type_=Date)
#: Ids of the posts that the reader acts for on that day; 0, the id of no post, for a reader without any.
HELD = bindparam("held", type_=Integer, expanding=True)
#: Ids of every post that the reader holds on that day, whichever they chose to act for.
OWN = bindparam("own", type_=Integer, expanding=True)
#: The reader's employee id; an operator has none and asks with 0.
PERSON = bindparam("person", type_=Integer)
#: Ids of whatever the statement is about.
IDS = bindparam("ids", type_=Integer, expanding=True)
#: Hash of a session token.
TOKEN = bindparam("token", type_=String)
